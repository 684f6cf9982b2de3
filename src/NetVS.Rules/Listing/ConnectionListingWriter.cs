using NetVS.Packets;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Rules.Listing;

/// <summary>Prints connections as <c>ipvsadm -L -c</c> does (reference §12.8).</summary>
public sealed class ConnectionListingWriter
{
    private readonly TextWriter _output;
    private readonly EndpointNames _names;
    private readonly bool _hasEngines;

    /// <summary>Prints the two title lines.</summary>
    public ConnectionListingWriter(TextWriter output, ListingOptions options, INameSource names)
    {
        _output = output;
        _names = new EndpointNames(options.IsNumeric ? null : names);
        _hasEngines = options.Layout == ListingLayout.PersistentConnections;
        _output.Write("IPVS connection entries\n");
        _output.Write("pro expire state       source             virtual            destination");
        if (_hasEngines) _output.Write("        pe name          pe_data");
        _output.Write('\n');
    }

    /// <summary>Prints one row.</summary>
    public void Write(ConnectionListing connection)
    {
        IpProtocol? protocol = connection.Protocol == IpProtocol.HopByHop ? null : connection.Protocol;
        string expires = $"{connection.ExpiresIn / 60:00}:{connection.ExpiresIn % 60:00}";
        string client = _names.Format(connection.Client, protocol);
        string service = _names.Format(connection.Virtual, protocol);
        string real = _names.Format(connection.Real, protocol);
        string start = $"{ProtocolNames.Format(connection.Protocol),-3} {expires,-6} {connection.State,-11} {client,-18} {service,-18} ";
        _output.Write(_hasEngines && connection.EngineName is { } engine
            ? $"{start}{real,-16} {engine,-18} {connection.EngineData}\n"
            : $"{start}{real}\n");
    }
}
