namespace NetVS.Rules.Ipvsadm;

/// <summary>What <c>-h</c> and <c>-v</c> print.</summary>
public static class IpvsadmHelp
{
    /// <summary>The version line: the ipvsadm whose behaviour this is.</summary>
    public const string Version = "ipvsadm v1.31 2019/12/24 (compiled with NetVS and IPVS v1.2.1)\n";

    /// <summary>The schedulers' names.</summary>
    public const string Schedulers = "rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos";

    /// <summary>Usage and options, in our own words.</summary>
    public static string Text { get; } = $"""
        Usage:
          ipvsadm -A|E SERVICE [-s SCHEDULER] [-p [SECONDS]] [-M NETMASK] [--pe ENGINE] [-b FLAGS] [-o] [NETVS OPTIONS]
          ipvsadm -D SERVICE
          ipvsadm -C
          ipvsadm -R
          ipvsadm -S [-n]
          ipvsadm -a|e SERVICE -r SERVER [-g|-i|-m|-b] [-w WEIGHT] [-x UPPER] [-y LOWER] [TUNNEL OPTIONS]
          ipvsadm -d SERVICE -r SERVER
          ipvsadm -L|l [SERVICE] [LISTING OPTIONS]
          ipvsadm -Z [SERVICE]
          ipvsadm -P|Q SERVICE -z ADDRESS
          ipvsadm -G [SERVICE] [-n]
          ipvsadm --set TCP TCPFIN UDP
          ipvsadm --start-daemon master|backup [DAEMON OPTIONS]
          ipvsadm --stop-daemon master|backup
          ipvsadm -h | -v

        Commands (one per line, first):
          --add-service     -A        add a virtual service
          --edit-service    -E        change a virtual service; what is not given returns to its default
          --delete-service  -D        delete a virtual service and its servers
          --clear           -C        delete every service
          --restore         -R        run command lines from standard input
          --save            -S        print command lines that make the rules again
          --add-server      -a        add a real server to a service
          --edit-server     -e        change a real server
          --delete-server   -d        delete a real server
          --list            -L, -l    list services, connections or timeouts
          --zero            -Z        set counters to zero
          --add-laddr       -P        add a FULLNAT local address to a service (NetVS)
          --del-laddr       -Q        delete a FULLNAT local address (NetVS)
          --get-laddr       -G        list FULLNAT local addresses (NetVS)
          --set                       set the timeouts in seconds; 0 keeps one as it is
          --start-daemon              start connection synchronisation
          --stop-daemon               stop connection synchronisation
          --help            -h        print this
          --version         -v        print the version

        SERVICE is one of:
          --tcp-service     -t HOST[:PORT]
          --udp-service     -u HOST[:PORT]
          --sctp-service       HOST[:PORT]
          --fwmark-service  -f MARK [-6]       packets with a firewall mark; -6 for IPv6

        Options of a service:
          --scheduler       -s NAME            {Schedulers} (wlc)
          --persistent      -p [SECONDS]       keep a client on its server (360)
          --netmask         -M NETMASK         keep a whole network together
          --pe                 ENGINE          persistence engine
          --ops             -o                 schedule every UDP packet by itself
          --sched-flags     -b FLAG[,FLAG...]  sh-fallback sh-port mh-fallback mh-port flag-1 flag-2 flag-3

        Options of a service that IPVS has not (NetVS):
        {BeyondIpvs()}
        Options of a server:
          --real-server     -r HOST[:PORT]
          --gatewaying      -g                 direct routing (default)
          --ipip            -i                 tunnel
          --masquerading    -m                 NAT
          --fullnat         -b                 FULLNAT (NetVS)
          --weight          -w NUMBER          0 to 65535 (1); 0 takes no new connections
          --u-threshold     -x NUMBER          connections at which the server counts as overloaded
          --l-threshold     -y NUMBER          connections below which it does no longer
          --tun-type           TYPE            ipip gue gre (ipip)
          --tun-port           PORT            UDP port of a gue tunnel
          --tun-nocsum --tun-csum --tun-remcsum    checksum of a gue or gre tunnel
          --local-address   -z ADDRESS         the address of -P and -Q (NetVS)

        Options of a listing:
          --numeric         -n        numbers instead of names
          --connection      -c        connections
          --timeout                   timeouts
          --daemon                    synchronisation daemons
          --stats                     counters
          --rate                      rates per second
          --exact           -X        counters and rates in full
          --thresholds                thresholds
          --persistent-conn           persistent connections
          --tun-info                  tunnels
          --nosort                    in the director's order
          --sort                      accepted, does nothing

        Daemon options:
          --mcast-interface NAME  --syncid 0-255  --sync-maxlen OCTETS
          --mcast-group ADDRESS   --mcast-port PORT  --mcast-ttl 1-255

        """;

    private static string BeyondIpvs() => string.Concat(ServiceOptionTable.All.Select(o => $"  {$"--{o.Name} {o.Argument}",-36} {o.Meaning}\n"));
}
