using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Packets;

namespace NetVS.Director.Tests.Protocols;

public sealed class TcpStateMachineTests
{
    private const byte Fin = 0x01, Syn = 0x02, Rst = 0x04, Psh = 0x08, Ack = 0x10, Urg = 0x20;

    /// <summary>Reference §6.1, column by column.</summary>
    private const string Columns = "NO ES SS SR FW TW CL CW LA LI SA";

    private const string NormalTable = """
        INPUT      syn  SR ES ES SR SR SR SR SR SR SR SR
        INPUT      fin  CL CW SS TW TW TW CL CW LA LI TW
        INPUT      ack  ES ES SS ES FW TW CL CW CL LI ES
        INPUT      rst  CL CL CL SR CL CL CL CL LA LI SR
        OUTPUT     syn  SS ES SS SR SS SS SS SS SS LI SR
        OUTPUT     fin  TW FW SS TW FW TW CL TW LA LI TW
        OUTPUT     ack  ES ES SS ES FW TW CL CW LA ES ES
        OUTPUT     rst  CL CL SS CL CL TW CL CL CL CL CL
        INPUT-ONLY syn  SR ES ES SR SR SR SR SR SR SR SR
        INPUT-ONLY fin  CL FW SS TW FW TW CL CW LA LI TW
        INPUT-ONLY ack  ES ES SS ES FW TW CL CW CL LI ES
        INPUT-ONLY rst  CL CL CL SR CL CL CL CL LA LI CL
        """;

    private const string SecureTable = """
        INPUT      syn  SR ES ES SR SR SR SR SR SR SR SA
        INPUT      fin  CL CW SS TW TW TW CL CW LA LI SA
        INPUT      ack  ES ES SS SR FW TW CL CW CL LI SA
        INPUT      rst  CL CL CL SR CL CL CL CL LA LI CL
        OUTPUT     syn  SS ES SS SA SS SS SS SS SS LI SA
        OUTPUT     fin  TW FW SS TW FW TW CL TW LA LI TW
        OUTPUT     ack  ES ES SS ES FW TW CL CW LA ES ES
        OUTPUT     rst  CL CL SS CL CL TW CL CL CL CL CL
        INPUT-ONLY syn  SA ES ES SR SA SA SA SA SA SA SA
        INPUT-ONLY fin  CL FW SS TW FW TW CL CW LA LI TW
        INPUT-ONLY ack  ES ES SS ES FW TW CL CW CL LI ES
        INPUT-ONLY rst  CL CL CL SR CL CL CL CL LA LI CL
        """;

    [Theory]
    [InlineData(false, NormalTable)]
    [InlineData(true, SecureTable)]
    public void Next_EveryCell_IsTheReferences(bool secure, string table)
    {
        string[] columns = Columns.Split(' ');
        string[] rows = table.Split('\n');
        rows.Length.ShouldBe(12);
        foreach (string row in rows)
        {
            string[] words = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            PacketDirection direction = words[0] switch
            {
                "INPUT" => PacketDirection.Input,
                "OUTPUT" => PacketDirection.Output,
                "INPUT-ONLY" => PacketDirection.InputOnly,
                _ => throw new InvalidOperationException(row),
            };
            TcpEvent tcpEvent = Enum.Parse<TcpEvent>(words[1], ignoreCase: true);
            words.Length.ShouldBe(13);
            for (int column = 0; column < columns.Length; column++)
            {
                TcpStateMachine.Next(secure, direction, tcpEvent, StateOf(columns[column]))
                    .ShouldBe(StateOf(words[2 + column]), $"{row}, column {columns[column]}");
            }
        }
    }

    [Fact]
    public void Next_NoFlagAtAll_ClosesFromEveryState()
    {
        foreach (PacketDirection direction in Enum.GetValues<PacketDirection>())
        {
            foreach (TcpState state in Enum.GetValues<TcpState>())
            {
                TcpStateMachine.Next(false, direction, TcpEvent.None, state).ShouldBe(TcpState.Close);
                TcpStateMachine.Next(true, direction, TcpEvent.None, state).ShouldBe(TcpState.Close);
            }
        }
    }

    [Fact]
    public void EventOf_EveryCombination_FollowsThePrecedence()
    {
        for (int flags = 0; flags < 256; flags++)
        {
            // Reference §6.1: RST, SYN, FIN, ACK in this order.
            TcpEvent expected = (flags & Rst) != 0 ? TcpEvent.Rst
                : (flags & Syn) != 0 ? TcpEvent.Syn
                : (flags & Fin) != 0 ? TcpEvent.Fin
                : (flags & Ack) != 0 ? TcpEvent.Ack
                : TcpEvent.None;
            TcpStateMachine.EventOf((byte)flags).ShouldBe(expected, $"flags 0x{flags:x2}");
        }
    }

    [Theory]
    [InlineData("NONE", 0)]
    [InlineData("ESTABLISHED", 1)]
    [InlineData("SYN_SENT", 2)]
    [InlineData("SYN_RECV", 3)]
    [InlineData("FIN_WAIT", 4)]
    [InlineData("TIME_WAIT", 5)]
    [InlineData("CLOSE", 6)]
    [InlineData("CLOSE_WAIT", 7)]
    [InlineData("LAST_ACK", 8)]
    [InlineData("LISTEN", 9)]
    [InlineData("SYNACK", 10)]
    public void NameOf_States_AreTheKernels(string name, byte number) =>
        ProtocolStates.NameOf(IpProtocol.Tcp, number).ShouldBe(name);

    [Fact]
    public void IsActive_FourStatesOnly() =>
        Enum.GetValues<TcpState>().Where(TcpStateMachine.IsActive)
            .ShouldBe([TcpState.Established, TcpState.SynSent, TcpState.SynReceived, TcpState.SynAck], ignoreOrder: true);

    [Fact]
    public void NatWalk_ClientClosesFirst()
    {
        var walk = new Walk(hasReplies: true);
        walk.Client(Syn).ShouldBe("SYN_RECV 60 active +");
        walk.Server(Syn | Ack).ShouldBe("SYN_RECV 60 active");
        walk.Client(Ack).ShouldBe("ESTABLISHED 900 active");
        walk.Client(Psh | Ack).ShouldBe("ESTABLISHED 900 active");
        walk.Server(Psh | Ack).ShouldBe("ESTABLISHED 900 active");
        walk.Client(Fin | Ack).ShouldBe("CLOSE_WAIT 60 inactive -");
        walk.Server(Ack).ShouldBe("CLOSE_WAIT 60 inactive");
        walk.Server(Fin | Ack).ShouldBe("TIME_WAIT 120 inactive");
        walk.Client(Ack).ShouldBe("TIME_WAIT 120 inactive");
    }

    [Fact]
    public void NatWalk_ServerClosesFirst()
    {
        var walk = new Walk(hasReplies: true);
        walk.Client(Syn);
        walk.Server(Syn | Ack);
        walk.Client(Ack);
        walk.Server(Fin | Ack).ShouldBe("FIN_WAIT 120 inactive -");
        walk.Client(Fin | Ack).ShouldBe("TIME_WAIT 120 inactive");
    }

    [Fact]
    public void DirectRoutingWalk_SeesOneWayOnly()
    {
        var walk = new Walk(hasReplies: false);
        walk.Client(Syn).ShouldBe("SYN_RECV 60 active +");
        walk.Client(Ack).ShouldBe("ESTABLISHED 900 active");
        walk.Client(Fin | Ack).ShouldBe("FIN_WAIT 120 inactive -");
        walk.Client(Ack).ShouldBe("FIN_WAIT 120 inactive");
        walk.Client(Ack).ShouldBe("FIN_WAIT 120 inactive");
        walk.Client(Rst).ShouldBe("CLOSE 10 inactive");
    }

    [Fact]
    public void DirectRoutingWalk_FirstReplySeen_MakesItTwoWayForGood()
    {
        var walk = new Walk(hasReplies: false);
        walk.Client(Syn);
        walk.Client(Ack);
        walk.HasNoOutput.ShouldBeTrue();
        walk.Server(Ack).ShouldBe("ESTABLISHED 900 active");
        walk.HasNoOutput.ShouldBeFalse();
        walk.Client(Fin | Ack).ShouldBe("CLOSE_WAIT 60 inactive -", "the two-way table, not FIN_WAIT");
    }

    [Fact]
    public void SecureWalk_DirectRouting()
    {
        var walk = new Walk(hasReplies: false, secure: true);
        walk.Client(Syn).ShouldBe("SYNACK 120 active +");
        walk.Client(Ack).ShouldBe("ESTABLISHED 900 active");
    }

    [Fact]
    public void SecureWalk_Nat_OnlyTheServersAckEstablishes()
    {
        var walk = new Walk(hasReplies: true, secure: true);
        walk.Client(Syn).ShouldBe("SYN_RECV 60 active +");
        walk.Server(Syn | Ack).ShouldBe("SYNACK 120 active");
        walk.Client(Ack).ShouldBe("SYNACK 120 active");
        walk.Server(Psh | Ack).ShouldBe("ESTABLISHED 900 active");
    }

    [Fact]
    public void ClientReset_InSynReceived_IsIgnored()
    {
        var walk = new Walk(hasReplies: true);
        walk.Client(Syn);
        walk.Client(Rst).ShouldBe("SYN_RECV 60 active");
        walk.Server(Rst | Ack).ShouldBe("CLOSE 10 inactive -");
    }

    [Fact]
    public void NewSyn_OnATimeWaitConnection_MakesItActiveAgain()
    {
        var walk = new Walk(hasReplies: true);
        walk.Client(Syn);
        walk.Client(Ack);
        walk.Client(Fin);
        walk.Server(Fin).ShouldBe("TIME_WAIT 120 inactive");
        walk.Client(Syn | Urg).ShouldBe("SYN_RECV 60 active +");
    }

    private static TcpState StateOf(string abbreviation) => (TcpState)Array.IndexOf(Columns.Split(' '), abbreviation);

    /// <summary>One connection as it is moved by segments; each answer reads "state timeout active|inactive", then + or - when that changed.</summary>
    private sealed class Walk(bool hasReplies, bool secure = false)
    {
        private readonly ProtocolTimeouts _timeouts = new();
        private Connection<Ipv4Address> _connection = new()
        {
            Protocol = IpProtocol.Tcp,
            Flags = ConnectionFlags.Hashed | ConnectionFlags.Inactive | (hasReplies ? 0 : ConnectionFlags.NoOutput),
        };

        public bool HasNoOutput => (_connection.Flags & ConnectionFlags.NoOutput) != 0;

        public string Client(int flags) => Step(flags, isReply: false);

        public string Server(int flags) => Step(flags, isReply: true);

        private string Step(int flags, bool isReply)
        {
            ActivityChange change = TcpStateMachine.Step(ref _connection, isReply, (byte)flags, secure);
            string activity = (_connection.Flags & ConnectionFlags.Inactive) == 0 ? "active" : "inactive";
            uint timeout = _timeouts.OfTcp((TcpState)_connection.State);
            string text = $"{ProtocolStates.NameOf(IpProtocol.Tcp, _connection.State)} {timeout} {activity}";
            return change switch
            {
                ActivityChange.BecameActive => text + " +",
                ActivityChange.BecameInactive => text + " -",
                _ => text,
            };
        }
    }
}
