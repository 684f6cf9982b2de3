using System.Globalization;

namespace NetVS.Scripts;

/// <summary>Users and groups of /etc/passwd and /etc/group.</summary>
public static class Accounts
{
    /// <summary>A user's number; null where there is none.</summary>
    public static uint? UserId(string? name) => Find("/etc/passwd", name, 2);

    /// <summary>A group's number; null where there is none.</summary>
    public static uint? GroupId(string? name) => Find("/etc/group", name, 2);

    /// <summary>The number of a user's own group, as text; null where there is no such user.</summary>
    public static string? PrimaryGroupOf(string user) => Find("/etc/passwd", user, 3)?.ToString(CultureInfo.InvariantCulture);

    private static uint? Find(string file, string? name, int field)
    {
        if (name is null) return null;
        try
        {
            foreach (string line in File.ReadLines(file))
            {
                string[] fields = line.Split(':');
                if (fields.Length > field && (fields[0] == name || fields[2] == name) && uint.TryParse(fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out uint number)) return number;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return field == 2 && uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint itself) ? itself : null;
    }
}
