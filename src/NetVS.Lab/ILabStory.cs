namespace NetVS.Lab;

/// <summary>A lab that shows something else than a forwarding method's hops.</summary>
internal interface ILabStory
{
    /// <summary>What it shows, for its first line.</summary>
    string Summary { get; }

    /// <summary>What its daemons printed, for a failure's last line.</summary>
    string DaemonWords { get; }

    /// <summary>Builds it, runs it, prints what happens and checks it.</summary>
    Task RunAsync();
}
