// Reference order: RFC 3768 §7.1, RFC 9568 §7.1, and what keepalived adds.
using System.Security.Cryptography;
using NetVS.Packets;
using NetVS.Packets.Checksums;
using NetVS.Vrrp.Options;

namespace NetVS.Vrrp.Wire;

/// <summary>Decides whether an advert may be believed, and keeps what that needs from one advert to the next.</summary>
/// <remarks>Thread: the virtual router's. Nothing is allocated.</remarks>
internal sealed class AdvertCheck(VirtualRouterOptions options)
{
    /// <summary>The highest sequence number seen or sent; one for all senders.</summary>
    public uint Sequence { get; set; }

    /// <summary>Whether version 3 checksums over unicast IPv4 are those for the multicast group.</summary>
    public bool UsesOldChecksum { get; private set; } = options is { IsUnicast: true, Version: 3, Family: IpFamily.V4, OldChecksum: OldChecksumUse.Always };

    /// <summary>Checks an advert.</summary>
    /// <param name="advert">The advert.</param>
    /// <param name="isKnownMaster">Whether the instance is backup and this sender is the master it accepted last.</param>
    /// <returns>The first thing that is wrong.</returns>
    public AdvertProblem Check(in ReceivedAdvert advert, bool isKnownMaster)
    {
        var message = new VrrpMessage(advert.Message);
        bool hasHeader = !advert.AuthenticationHeader.IsEmpty;
        if (hasHeader && options.Authentication != AuthenticationKind.Header) return AdvertProblem.UnexpectedAuthenticationHeader;
        if (!hasHeader && options.Authentication == AuthenticationKind.Header) return AdvertProblem.MissingAuthenticationHeader;
        int expected = VrrpMessage.Size(options.Version, options.Family, message.AddressCount);
        if (advert.Message.Length < expected) return AdvertProblem.TooShort;
        if (advert.Message.Length > expected) return AdvertProblem.TooLong;
        if (advert.IsMulticast && advert.Ttl != 255) return AdvertProblem.Ttl;
        if (message.Version != options.Version) return AdvertProblem.Version;
        if (options.Version == 2)
        {
            AdvertProblem authentication = CheckAuthentication(advert, message);
            if (authentication != AdvertProblem.None) return authentication;
            if (message.Interval != options.AdvertInterval) return AdvertProblem.Interval;
        }

        if (message.Type != VrrpMessage.Advertisement) return AdvertProblem.Type;
        bool skips = isKnownMaster && options.SkipsAddressCheck;
        if (!skips && message.AddressCount != options.Addresses.Count) return AdvertProblem.AddressCount;
        if (advert.IsLengthWrong) return AdvertProblem.TotalLength;
        if (!HasRightChecksum(advert)) return AdvertProblem.Checksum;
        if (advert.IsMulticast && options.IsUnicast) return AdvertProblem.UnexpectedMulticast;
        if (!advert.IsMulticast && !options.IsUnicast) return AdvertProblem.UnexpectedUnicast;
        if (!skips)
        {
            if (!HasEveryAddress(message)) return AdvertProblem.AddressMissing;
            AdvertProblem peer = CheckPeer(advert);
            if (peer != AdvertProblem.None) return peer;
        }

        // Only what passed everything else moves the sequence number: nobody can push it up without the key.
        if (hasHeader) Sequence = AuthenticationHeader.Sequence(advert.AuthenticationHeader);
        return AdvertProblem.None;
    }

    private AdvertProblem CheckAuthentication(in ReceivedAdvert advert, in VrrpMessage message)
    {
        if (message.AuthenticationType > (byte)AuthenticationKind.Header) return AdvertProblem.UnknownAuthenticationType;
        if (message.AuthenticationType != (byte)options.Authentication) return AdvertProblem.AuthenticationType;
        if (options.Authentication == AuthenticationKind.Password)
            return CryptographicOperations.FixedTimeEquals(message.AuthenticationData, options.Password.Span) ? AdvertProblem.None : AdvertProblem.Password;
        if (options.Authentication != AuthenticationKind.Header) return AdvertProblem.None;
        if (!AuthenticationHeader.IsGenuine(advert, options.Password.Span)) return AdvertProblem.AuthenticationCheck;
        if (AuthenticationHeader.Spi(advert.AuthenticationHeader) != advert.Source.V4.Value) return AdvertProblem.AuthenticationIndex;
        return AuthenticationHeader.Sequence(advert.AuthenticationHeader) <= Sequence ? AdvertProblem.Replayed : AdvertProblem.None;
    }

    private bool HasRightChecksum(in ReceivedAdvert advert)
    {
        const ushort Right = 0xFFFF;
        if (options.Version == 2) return InternetChecksum.Sum(advert.Message) == Right;
        bool canBeOld = options is { IsUnicast: true, Family: IpFamily.V4 } && options.OldChecksum != OldChecksumUse.Never;
        if (!(UsesOldChecksum && options.OldChecksum == OldChecksumUse.Always) && AdvertWriter.SumV3(advert.Source, advert.Destination, advert.Message) == Right) return true;
        if (!canBeOld || AdvertWriter.SumV3(advert.Source, VirtualRouterOptions.DefaultGroup4, advert.Message) != Right) return false;
        UsesOldChecksum = true;
        return true;
    }

    private bool HasEveryAddress(in VrrpMessage message)
    {
        for (int own = 0; own < options.Addresses.Count; own++)
        {
            bool isThere = false;
            for (int i = 0; i < message.AddressCount && !isThere; i++) isThere = message.Address(i, options.Family) == options.Addresses[own];
            if (!isThere) return false;
        }

        return true;
    }

    private AdvertProblem CheckPeer(in ReceivedAdvert advert)
    {
        if (!options.ChecksPeers || !options.IsUnicast) return AdvertProblem.None;
        for (int i = 0; i < options.Peers.Count; i++)
        {
            PeerOptions peer = options.Peers[i];
            if (peer.Address == advert.Source) return advert.Ttl >= peer.MinTtl && advert.Ttl <= peer.MaxTtl ? AdvertProblem.None : AdvertProblem.PeerTtl;
        }

        return AdvertProblem.UnknownPeer;
    }
}
