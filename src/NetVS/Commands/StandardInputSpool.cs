namespace NetVS.Commands;

/// <summary>Standard input as a stream that can be opened once more: it is kept in a temporary file while that is needed.</summary>
internal sealed class StandardInputSpool : IDisposable
{
    private FileStream? _spool;

    /// <summary>Opens it from its beginning.</summary>
    /// <param name="again">Whether it will be opened again.</param>
    public Stream Open(bool again)
    {
        if (!again) return new BufferedStream(Console.OpenStandardInput(), 1 << 16);
        if (_spool is null)
        {
            string file = Path.GetTempFileName();
            _spool = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.DeleteOnClose);
            using Stream input = Console.OpenStandardInput();
            input.CopyTo(_spool);
            _spool.Flush();
        }

        return new FileStream(_spool.Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
    }

    /// <inheritdoc/>
    public void Dispose() => _spool?.Dispose();
}
