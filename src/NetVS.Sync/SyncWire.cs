// Reference §14.2, §14.3.

namespace NetVS.Sync;

/// <summary>Sizes and numbers of both message versions, in octets.</summary>
internal static class SyncWire
{
    /// <summary>The header of version 1.</summary>
    public const int HeaderV1 = 8;

    /// <summary>The header of version 0.</summary>
    public const int HeaderV0 = 4;

    /// <summary>A version 1 record of an IPv4 connection without options.</summary>
    public const int RecordV4 = 36;

    /// <summary>A version 1 record of an IPv6 connection without options.</summary>
    public const int RecordV6 = 72;

    /// <summary>A version 0 record.</summary>
    public const int RecordV0 = 24;

    /// <summary>Sequence data of both directions.</summary>
    public const int Sequences = 2 * SyncSequence.Size;

    /// <summary>Where the addresses of a version 1 record begin.</summary>
    public const int Addresses = 24;

    /// <summary>The type bit of an IPv6 record.</summary>
    public const byte TypeV6 = 1;

    /// <summary>The bits of a record's length word that are its length; the others are its version, 0.</summary>
    public const int LengthMask = 0x0FFF;

    /// <summary>Option: sequence data.</summary>
    public const byte OptionSequence = 1;

    /// <summary>Option: the persistence engine's data.</summary>
    public const byte OptionEngineData = 2;

    /// <summary>Option: the persistence engine's name.</summary>
    public const byte OptionEngineName = 3;

    /// <summary>This bit of an option's type allows a receiver that does not know it to go on.</summary>
    public const byte OptionMayBeSkipped = 0x40;

    /// <summary>The longest name of an engine.</summary>
    public const int LongestEngineName = 16;

    /// <summary>The most records of a message: their count is one octet.</summary>
    public const int MostRecords = 255;

    /// <summary>Records of version 1 begin at multiples of this.</summary>
    public const int Alignment = 4;
}
