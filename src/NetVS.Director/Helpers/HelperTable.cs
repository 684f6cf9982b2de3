using NetVS.Packets;

namespace NetVS.Director.Helpers;

/// <summary>The helpers there are. A new one is a line here and a class of its own.</summary>
internal static class HelperTable
{
    private static readonly IApplicationHelper[] s_helpers = [new FtpHelper()];

    /// <summary>A helper by its number, 1 and up, which sessions keep.</summary>
    public static IApplicationHelper Get(byte number) => s_helpers[number - 1];

    /// <summary>All helpers, the first being number 1.</summary>
    public static IReadOnlyList<IApplicationHelper> All => s_helpers;

    /// <summary>The number of the helper for control connections to a virtual port; 0 for none.</summary>
    public static byte Find(DirectorSettings settings, IpProtocol protocol, ushort port)
    {
        for (int i = 0; i < s_helpers.Length; i++)
            if (s_helpers[i].Protocol == protocol && s_helpers[i].PortsOf(settings).Contains(port)) return (byte)(i + 1);
        return 0;
    }
}
