using NetVS.Packets;

namespace NetVS.Director.Fragments;

/// <summary>What all fragments of one datagram share (RFC 791 §3.2, RFC 8200 §4.5).</summary>
internal readonly record struct FragmentKey(IpAddress Source, IpAddress Destination, uint Id, IpProtocol Protocol);
