// RFC 8446 (TLS 1.3): who shows a certificate proves that it holds the key.

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace NetVS.Control.Peers;

/// <summary>The key that directors of one pair hold: an EC private key in a file, PEM.</summary>
/// <remarks>
/// Whoever holds it is a peer, nobody else is. The certificate is made of it at each start and names nobody: what counts is its public key. Immutable;
/// threads: any.
/// </remarks>
public sealed class PeerKey : IDisposable
{
    private const int LongestFile = 65536;
    private const UnixFileMode OthersMode = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly byte[] _public;
    private readonly byte[] _secret;

    private PeerKey(ECDsa key)
    {
        _public = key.ExportSubjectPublicKeyInfo();
        _secret = key.ExportECPrivateKey();
        var request = new CertificateRequest("CN=netvs peer", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(30));
    }

    /// <summary>The certificate to show.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>Makes a key file that only its owner can read; an existing file is left alone.</summary>
    /// <exception cref="PeerKeyException">It cannot be made.</exception>
    public static void Create(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        try
        {
            using var file = new FileStream(path, options);
            file.Write(Encoding.ASCII.GetBytes(key.ExportECPrivateKeyPem() + "\n"));
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new PeerKeyException($"{path} is there already: a key is not overwritten: take another name, or remove it first");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PeerKeyException($"the key cannot be written: {e.Message}");
        }
    }

    /// <summary>Reads a key file.</summary>
    /// <exception cref="PeerKeyException">It is missing, open to others, or no EC private key.</exception>
    public static PeerKey Load(string path)
    {
        string text;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & OthersMode) != 0)
                throw new PeerKeyException($"the key {path} is open to others than its owner: 'chmod 600 {path}', and make a new one if somebody may have read it");
            if (file.Length > LongestFile) throw new PeerKeyException($"{path} is no key: 'netvs sync key FILE' makes one");
            using var reader = new StreamReader(file, Encoding.ASCII);
            text = reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PeerKeyException($"the key cannot be read: {e.Message}: 'netvs sync key FILE' makes one, which both directors hold");
        }

        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            return new PeerKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new PeerKeyException($"{path} holds no EC private key in PEM, or one that needs a password: 'netvs sync key FILE' makes one");
        }
    }

    /// <summary>A key of the connection tables' hash, the same on all directors that hold this key: so that each connection has the same place on them.</summary>
    public UInt128 DeriveHashKey()
    {
        Span<byte> derived = stackalloc byte[16];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, derived, [], "netvs connection hash"u8);
        return MemoryMarshal.Read<UInt128>(derived);
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    /// <summary>Whether another one is the same key.</summary>
    internal bool IsSameAs(PeerKey other) => CryptographicOperations.FixedTimeEquals(other._secret, _secret);

    /// <summary>Whether a certificate is of this key.</summary>
    internal bool Is(X509Certificate? certificate)
    {
        if (certificate is null) return false;
        using var shown = new X509Certificate2(certificate);
        return CryptographicOperations.FixedTimeEquals(shown.PublicKey.ExportSubjectPublicKeyInfo(), _public);
    }
}
