using NetVS.Rules.Listing;

namespace NetVS.Rules.Ipvsadm;

/// <summary>ipvsadm as a program: words in, output, messages and exit status out (reference §12).</summary>
/// <param name="target">The director.</param>
/// <param name="names">Names of hosts and services.</param>
/// <param name="input">Standard input, for <c>-R</c>.</param>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
public sealed class IpvsadmProgram(
    IIpvsadmTarget target, INameSource names, TextReader input, TextWriter output, TextWriter error)
{
    private string _version = "";

    /// <summary>
    /// Whether a person reads standard error: then what the director has to say about a refusal follows ipvsadm's message, which
    /// stands alone otherwise.
    /// </summary>
    public bool ExplainsRefusals { get; init; }

    /// <summary>Runs one command line and returns the exit status.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        IpvsadmParse parse = IpvsadmParser.Parse(words, names);
        try
        {
            // Help needs no daemon; everything else makes contact first, as ipvsadm does, even to complain about its arguments.
            if (parse.Command is not { Verb: IpvsadmVerb.Help or IpvsadmVerb.Version }) _version = await target.ConnectAsync();
        }
        catch (TargetUnavailableException unavailable)
        {
            error.Write($"Can't initialize ipvs: {unavailable.Message}\n");
            error.Write("Is the NetVS daemon running, and on this socket? Start it with 'netvs run', or name its socket in NETVS_SOCKET.\n");
            return 2;
        }

        try
        {
            return parse.Failure is { } failure ? Complain(failure) : await ExecuteAsync(parse.Command!);
        }
        catch (TargetUnavailableException unavailable)
        {
            error.Write($"{unavailable.Message}\n");
            return 255;
        }
    }

    private int Complain(IpvsadmFailure failure)
    {
        error.Write(failure.Text);
        error.Write('\n');
        return failure.ExitCode;
    }

    private async Task<int> ExecuteAsync(IpvsadmCommand command)
    {
        switch (command.Verb)
        {
            case IpvsadmVerb.Help:
                output.Write(IpvsadmHelp.Version);
                output.Write(IpvsadmHelp.Text);
                return 0;
            case IpvsadmVerb.Version:
                output.Write(IpvsadmHelp.Version);
                return 0;
            case IpvsadmVerb.List: return await ListAsync(command);
            case IpvsadmVerb.Save:
                SaveWriter.Write(output, await target.ListServicesAsync(), command.Listing, names);
                return 0;
            case IpvsadmVerb.ListLocalAddresses: return await ListLocalAddressesAsync(command);
            case IpvsadmVerb.Restore: return await RestoreAsync();
            default:
                RuleResult result = await target.ExecuteAsync(command);
                if (result.IsOk) return 0;
                Refuse(command.Verb, result);
                return 255;
        }
    }

    private void Refuse(IpvsadmVerb verb, RuleResult result)
    {
        string message = IpvsadmMessages.Format(verb, result);
        error.Write(message + "\n");
        if (ExplainsRefusals && result.Detail is { } detail && detail != message && result.Status != RuleStatus.EOPNOTSUPP)
            error.Write($"netvs: {detail}\n");
    }

    private async Task<int> ListAsync(IpvsadmCommand command)
    {
        switch (command.Listing.Subject)
        {
            case ListingSubject.Connections:
                var writer = new ConnectionListingWriter(output, command.Listing, names);
                await foreach (ConnectionListing connection in target.ListConnectionsAsync()) writer.Write(connection);
                return 0;
            case ListingSubject.Timeouts:
                (int tcp, int tcpFin, int udp) = await target.GetTimeoutsAsync();
                output.Write($"Timeout (tcp tcpfin udp): {tcp} {tcpFin} {udp}\n");
                return 0;
            case ListingSubject.SyncDaemons:
                foreach (SyncDaemonRule daemon in await target.ListSyncDaemonsAsync())
                    output.Write(SyncDaemonText.Format(daemon) + "\n");
                return 0;
        }

        IReadOnlyList<ServiceListing>? services = await SelectAsync(command);
        if (services is null) return 1;
        new ServiceListingWriter(output, command.Listing, names).Write(services, command.Service is null ? _version : null);
        return 0;
    }

    private async Task<int> ListLocalAddressesAsync(IpvsadmCommand command)
    {
        IReadOnlyList<ServiceListing>? services = await SelectAsync(command);
        if (services is null) return 1;
        LocalAddressWriter.Write(output, services, command.Listing, names);
        return 0;
    }

    private async Task<IReadOnlyList<ServiceListing>?> SelectAsync(IpvsadmCommand command)
    {
        if (command.Service is not { } key) return await target.ListServicesAsync();
        if (await target.FindServiceAsync(key) is { } service) return [service];
        Refuse(command.Verb, RuleStatus.ESRCH);
        return null;
    }

    private async Task<int> RestoreAsync()
    {
        int last = 0;
        while (await input.ReadLineAsync() is { } line)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["ipvsadm", ..]) words = words[1..];
            if (words.Length == 0) continue;
            IpvsadmParse parse = IpvsadmParser.Parse(words, names);
            if (parse.Failure is { } failure)
            {
                last = Complain(failure);
                if (failure.EndsRestore) return last;
            }
            else if (parse.Command!.Verb == IpvsadmVerb.Restore)
            {
                return Complain(IpvsadmParser.NotACommand);
            }
            else
            {
                last = await ExecuteAsync(parse.Command);
            }
        }

        return last;
    }
}
