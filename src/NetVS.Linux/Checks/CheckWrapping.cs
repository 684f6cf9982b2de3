namespace NetVS.Linux.Checks;

/// <summary>What is put around a check's packets: enum check_kind of bpf/check.h.</summary>
public enum CheckWrapping
{
    /// <summary>Nothing: DR.</summary>
    None = 1,

    /// <summary>IP in IP.</summary>
    Ip = 2,

    /// <summary>GRE, without checksum.</summary>
    Gre = 3,

    /// <summary>GUE, without checksum.</summary>
    Gue = 4,
}
