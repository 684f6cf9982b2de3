using System.Security.Cryptography;
using NetVS.Control.Peers;

namespace NetVS.Control.Tests.Peers;

public sealed class PeerKeyTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _folder = Directory.CreateTempSubdirectory("netvs-key-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string text, UnixFileMode mode = OwnerOnly)
    {
        string file = Path.Combine(_folder, Path.GetRandomFileName());
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
        return file;
    }

    private static string Refused(string file) => Should.Throw<PeerKeyException>(() => PeerKey.Load(file).Dispose()).Message;

    [Fact]
    public void Key_ThatWasMade_IsItsOwnersOnly_AndKnowsItselfAgain()
    {
        string file = Path.Combine(_folder, "key");
        PeerKey.Create(file);
        File.GetUnixFileMode(file).ShouldBe(OwnerOnly);
        using PeerKey key = PeerKey.Load(file), same = PeerKey.Load(file);
        key.Is(same.Certificate).ShouldBeTrue("two certificates of one key");
        key.DeriveHashKey().ShouldBe(same.DeriveHashKey());
        string second = Path.Combine(_folder, "second");
        PeerKey.Create(second);
        using PeerKey other = PeerKey.Load(second);
        key.Is(other.Certificate).ShouldBeFalse();
        key.Is(null).ShouldBeFalse();
        other.DeriveHashKey().ShouldNotBe(key.DeriveHashKey());
    }

    [Fact]
    public void File_ThatIsThere_IsNotOverwritten()
    {
        string file = Write("mine");
        Should.Throw<PeerKeyException>(() => PeerKey.Create(file)).Message.ShouldContain("is there already");
        File.ReadAllText(file).ShouldBe("mine");
        Should.Throw<PeerKeyException>(() => PeerKey.Create(Path.Combine(_folder, "nowhere", "key"))).Message.ShouldContain("cannot be written");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Key_ThatIsOpenToOthers_IsRefused(UnixFileMode mode)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(Write(key.ExportECPrivateKeyPem(), OwnerOnly | mode)).ShouldContain("chmod 600");
    }

    [Fact]
    public void WhatIsNoEcPrivateKey_IsRefused()
    {
        using var rsa = RSA.Create(2048);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var scheme = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000);
        foreach (string text in (string[])["", "nonsense", rsa.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem(), key.ExportEncryptedPkcs8PrivateKeyPem("x", scheme)])
            Refused(Write(text)).ShouldContain("holds no EC private key");
        Refused(Write(new string('x', 100_000))).ShouldContain("is no key");
        Refused(Path.Combine(_folder, "missing")).ShouldContain("cannot be read");
        Refused(_folder).ShouldContain("cannot be read");
        using PeerKey pkcs8 = PeerKey.Load(Write(key.ExportPkcs8PrivateKeyPem()));
    }
}
