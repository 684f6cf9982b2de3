using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>A record that was read from a block.</summary>
public interface IConfigurationBlock
{
    /// <summary>How keepalived's messages call it; may be empty.</summary>
    string Name { get; }

    /// <summary>Where the block begins.</summary>
    SourcePosition Position { get; }
}
