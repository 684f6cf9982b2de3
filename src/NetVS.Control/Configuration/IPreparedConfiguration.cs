namespace NetVS.Control.Configuration;

/// <summary>A configuration a part is ready for. Disposed of without <see cref="Commit"/>, the part stays as it was.</summary>
public interface IPreparedConfiguration : IDisposable
{
    /// <summary>Puts it in force: the rules have been changed. Must not fail.</summary>
    void Commit();
}
