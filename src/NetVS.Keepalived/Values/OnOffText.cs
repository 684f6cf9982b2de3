namespace NetVS.Keepalived.Values;

/// <summary>The words for yes and no (reference §2.9).</summary>
internal static class OnOffText
{
    /// <summary>Reads exactly on, off, true, false, yes or no.</summary>
    public static bool TryParse(string text, out bool isOn)
    {
        isOn = text is "on" or "true" or "yes";
        return isOn || text is "off" or "false" or "no";
    }
}
