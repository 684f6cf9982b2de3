// RFC 9525: the name; RFC 5280 §6: the chain.
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace NetVS.Health.Probes;

/// <summary>Whether a server's certificate is good: signed by whom it should be, for the name, in its time. Revocation is not asked for.</summary>
internal sealed class TlsVerification
{
    private readonly X509Certificate2Collection? _authorities;

    /// <summary>Verifies against some authorities.</summary>
    /// <param name="authorities">Who may sign; null for those of the system.</param>
    public TlsVerification(X509Certificate2Collection? authorities) => _authorities = authorities;

    /// <summary>How a chain is built: without a word to the network.</summary>
    public X509ChainPolicy MakePolicy()
    {
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        if (_authorities is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    /// <summary>What is wrong with a certificate; null for nothing.</summary>
    /// <param name="certificate">What the server showed.</param>
    /// <param name="chain">Its chain, built by <see cref="MakePolicy"/>.</param>
    /// <param name="errors">What the framework found of the chain.</param>
    /// <param name="name">The name, or the address, it must be for.</param>
    public static string? FindProblem(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string name)
    {
        if (certificate is not X509Certificate2 shown) return "the server shows no certificate";
        if (shown.NotAfter < DateTime.Now) return $"the certificate expired at {Time(shown.NotAfter)}";
        if (shown.NotBefore > DateTime.Now) return $"the certificate is valid from {Time(shown.NotBefore)} only";
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            string[] reasons = [.. (chain?.ChainStatus ?? []).Where(s => s.Status != X509ChainStatusFlags.NoError).Select(s => AnswerText.Clean(s.StatusInformation, 200))];
            return $"the certificate is not trusted: {(reasons.Length > 0 ? string.Join("; ", reasons) : "its chain is broken")}";
        }

        return shown.MatchesHostname(name, allowCommonName: false) ? null : $"the certificate is not for {name}";
    }

    private static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
