namespace NetVS.Keepalived.Tests.Fuzzing;

/// <summary>Configurations that use as much of the language and as many keywords as fit.</summary>
internal static class SeedTexts
{
    public static string[] All { get; } =
    [
        """
        # every kind of line
        $A=10.0.0
        $PORT=80
        $BODY= \
          protocol TCP \
          lvs_sched wlc
        @main global_defs {
        @^main global_defs {
          router_id "x # y"
          notification_email { a@b.c
            d@e.f
          }
          smtp_server mail.example 25
          vrrp_garp_interval 0.5
          lvs_timeouts tcp 900 tcpfin 120 udp 300
          lvs_sync_daemon eth0 VI_1 id 5 maxlen 1400 port 8848 ttl 1 group 224.0.0.81
          enable_script_security
          script_user nobody nogroup
          notify_fifo /run/f
          include_check -match
        }
        include in.conf
        include d/{a,b}*.conf
        virtual_server_group G {
          ~SEQ(N, 1, 3) ${A}.${N} 80
          10.0.1.1-5 $PORT
          2001:db8::1-ff 80
          10.0.2.0/30
          fwmark 7 inet6
        }
        virtual_server group G {
          $BODY
          lvs_method TUN type gue port 6080 remcsum
          real_server 10.1.0.1 80 {
            weight 5
            TCP_CHECK { connect_port 81 }
            notify_up "/bin/true 'a b' \x41" nobody
          }
        }
        local_address_group L { 10.9.0.1-4
        }
        virtual_server ${A}.9 443 {
          protocol TCP
          lvs_sched mh
          mh-port
          lvs_method FULLNAT
          laddr_group_name L
          persistence_timeout 300
          persistence_granularity 255.255.255.0
          quorum 2
          hysteresis 1
          sorry_server 10.0.0.200 80
          sorry_server_inhibit
          ~LST({R,W}, {1,5},{2,6}) real_server 10.2.0.${R} 8443 { weight ${W} }
          real_server 10.2.0.9 8443 {
            SSL_GET {
              url { path /x?y
                status_code 200 300-399
                digest 9b3a0c85a887a256d6939da88aabd8cd
                regex "a b"
                regex_options caseless
              }
              enable_sni
              http_protocol 1.1
            }
            HTTP_GET { url { path /
              }
              http_protocol 2
            }
            MISC_CHECK { misc_path "/bin/true a"
              misc_timeout 3
              misc_dynamic
            }
            DNS_CHECK { type a
              name example.org }
            UDP_CHECK { payload 00ff 12
              require_reply 0x ff
            }
            SMTP_CHECK { host { connect_ip 10.0.0.3
             } }
          }
        }
        """,
        """
        vrrp_script chk {
          script "/bin/true"
          interval 2
          weight -20 reverse
        }
        track_file tf { file /tmp/x
          weight 3
          init_file 1 overwrite
        }
        vrrp_track_process p {
          process nginx -g
          quorum 2
          delay 0.5
        }
        bfd_instance b { neighbor_ip 10.0.0.9
          min_rx 100
        }
        vrrp_sync_group S {
          group { VI_1
            VI_2
          }
          notify_master /bin/true
          smtp_alert off
        }
        vrrp_instance VI_1 {
          interface eth0
          state MASTER
          priority 150
          virtual_router_id 51
          advert_int 0.25
          version 3
          authentication { auth_type PASS
            auth_pass 12345678
          }
          virtual_ipaddress {
            10.0.0.1/24 brd + dev eth0 label eth0:1 scope link
            10.0.0.2
          }
          virtual_ipaddress_excluded { 2001:db8::1/64 -nodad preferred_lft 0
          }
          virtual_routes {
            blackhole 10.9.0.0/16
            10.8.0.0/16 via 10.0.0.254 dev eth0 metric 5
          }
          virtual_rules { from 10.0.0.0/8 table 3
          }
          track_interface { eth1 weight 20
            eth2
          }
          track_script { chk weight 5 }
          track_file { tf }
          track_process { p }
          track_bfd { b }
          unicast_src_ip 10.0.0.3
          unicast_peer { 10.0.0.4 min_ttl 3 max_ttl 255
          }
          use_vmac vrrp.51
          nopreempt
          preempt_delay 3
        }
        vrrp_instance VI_2 {
          interface eth1
          virtual_router_id 52
          virtual_ipaddress { fe80::5
            2001:db8::5
          }
        }
        static_ipaddress { 10.7.0.1/24 dev eth0 track_group T
        }
        static_routes { default via 10.0.0.1 dev eth0
        }
        track_group T { group { VI_1
        } }
        garp_group { interfaces { eth0
          eth1
        } }
        linkbeat_interfaces { eth0 MII
        }
        """,
    ];

    /// <summary>What the first one includes.</summary>
    public const string Included = "virtual_server fwmark 4 {\n lvs_sched rr\n lvs_method DR\n real_server 10.0.0.1 {\n PING_CHECK {\n }\n }\n}\n";
}
