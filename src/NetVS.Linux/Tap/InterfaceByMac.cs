using NetVS.Packets;

namespace NetVS.Linux.Tap;

/// <summary>An interface as the source MAC of a frame on its way out tells it.</summary>
internal readonly record struct InterfaceByMac(MacAddress Mac, int Index);
