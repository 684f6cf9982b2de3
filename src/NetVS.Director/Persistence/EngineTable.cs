namespace NetVS.Director.Persistence;

/// <summary>The persistence engines by name: adding one is a line here.</summary>
internal static class EngineTable
{
    private static readonly IPersistenceEngine[] s_engines = [new SipEngine()];

    /// <summary>The number of an engine, which keys keep.</summary>
    public static byte NumberOf(IPersistenceEngine engine) => (byte)Array.IndexOf(s_engines, engine);

    /// <summary>An engine by its number.</summary>
    public static IPersistenceEngine Get(byte number) => s_engines[number];

    /// <summary>Finds an engine; null stands for none and is found.</summary>
    public static bool TryFind(string? name, out IPersistenceEngine? engine)
    {
        engine = Array.Find(s_engines, e => e.Name == name);
        return engine is not null || name is null;
    }
}
