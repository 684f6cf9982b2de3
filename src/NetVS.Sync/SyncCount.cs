namespace NetVS.Sync;

/// <summary>What is counted about synchronisation; <see cref="SyncCounts"/> has the names and sentences.</summary>
public enum SyncCount
{
    /// <summary>Messages sent.</summary>
    MessagesSent,

    /// <summary>Octets sent.</summary>
    OctetsSent,

    /// <summary>Records sent.</summary>
    RecordsSent,

    /// <summary>Records lost between a worker and the master's thread.</summary>
    RecordsLost,

    /// <summary>Messages given up because too many waited.</summary>
    QueueFull,

    /// <summary>Messages that the kernel did not take.</summary>
    SendFailed,

    /// <summary>Connections that no message can describe.</summary>
    NotDescribable,

    /// <summary>Messages received.</summary>
    MessagesReceived,

    /// <summary>Octets received.</summary>
    OctetsReceived,

    /// <summary>Records received.</summary>
    RecordsReceived,

    /// <summary>Connections made.</summary>
    ConnectionsMade,

    /// <summary>Connections brought up to date.</summary>
    ConnectionsUpdated,

    /// <summary>Templates made.</summary>
    TemplatesMade,

    /// <summary>Templates brought up to date.</summary>
    TemplatesUpdated,

    /// <summary>Made without a real server.</summary>
    MadeUnbound,

    /// <summary>Unbound connections that got their real server.</summary>
    BoundLater,

    /// <summary>Connections replaced, their real server being another.</summary>
    Replaced,

    /// <summary>The end of a connection that was replaced already.</summary>
    StaleEnd,

    /// <summary>A datagram without a header.</summary>
    MessageTooShort,

    /// <summary>A datagram of another length than it says.</summary>
    MessageLengthWrong,

    /// <summary>A message of another sync id.</summary>
    OtherSyncId,

    /// <summary>A record ends behind the message.</summary>
    RecordCut,

    /// <summary>A record of an unknown version.</summary>
    RecordVersionUnknown,

    /// <summary>A record of an unknown type.</summary>
    RecordTypeUnknown,

    /// <summary>An option that is malformed or there twice.</summary>
    OptionMalformed,

    /// <summary>An unknown option that must not be skipped.</summary>
    OptionUnknown,

    /// <summary>A record of a one-packet entry.</summary>
    OnePacketRefused,

    /// <summary>Flags that exclude each other.</summary>
    FlagsContradict,

    /// <summary>A protocol that is not known here.</summary>
    ProtocolUnknown,

    /// <summary>A state that is not known here.</summary>
    StateUnknown,

    /// <summary>A forwarding method that is not known here.</summary>
    MethodUnknown,

    /// <summary>Sequence numbers to adjust.</summary>
    SequenceRefused,

    /// <summary>A connection whose client's port is unknown.</summary>
    ClientPortUnknown,

    /// <summary>A persistence engine that is not there.</summary>
    EngineUnknown,

    /// <summary>An address no client, service or real server has.</summary>
    AddressImpossible,

    /// <summary>No room in the connection table.</summary>
    TableFull,

    /// <summary>A peer's frame or record that is malformed.</summary>
    PeerFramesMalformed,

    /// <summary>A peer's frame or option of an unknown kind, skipped.</summary>
    PeerFramesSkipped,

    /// <summary>Records told to peers.</summary>
    ToldToPeers,

    /// <summary>Records that did not reach the peers' thread, or a peer's room.</summary>
    PeerRecordsLost,

    /// <summary>Records heard from peers.</summary>
    HeardFromPeers,

    /// <summary>A peer's hearsay of what is known here.</summary>
    AlreadyKnown,

    /// <summary>A peer's record of what is known later here.</summary>
    KnownBetter,

    /// <summary>A peer's record whose time is over.</summary>
    RunOut,

    /// <summary>A FULLNAT connection of a real server that no rule here has.</summary>
    LocalEndWithoutRule,

    /// <summary>A FULLNAT connection by a local address that no service here has.</summary>
    LocalAddressUnknown,

    /// <summary>A FULLNAT connection by a local port that is in use here.</summary>
    LocalPortTaken,

    /// <summary>A FULLNAT connection by a local port of another worker.</summary>
    LocalPortElsewhere,

    /// <summary>An announced connection without its control connection.</summary>
    ControlUnknown,

    /// <summary>Announced connections taken over.</summary>
    AnnouncementsMade,
}
