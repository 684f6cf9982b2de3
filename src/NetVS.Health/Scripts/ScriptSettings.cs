using NetVS.Keepalived.Model;

namespace NetVS.Health.Scripts;

/// <summary>Who runs scripts, and which may run (reference §10.1).</summary>
/// <param name="IsSecure">Scripts that others than root could change are not run as root (enable_script_security).</param>
/// <param name="User">Who runs scripts that do not say; null for the daemon's user.</param>
/// <param name="Group">That user's group, if given.</param>
internal sealed record ScriptSettings(bool IsSecure, string? User, string? Group)
{
    private const string UsualUser = "keepalived_script";

    /// <summary>What a configuration says.</summary>
    /// <param name="global">Its global_defs.</param>
    /// <param name="hasUser">Whether a user exists.</param>
    public static ScriptSettings Of(GlobalDefinitions global, Func<string, bool> hasUser) =>
        new(global.HasScriptSecurity, global.ScriptUser ?? (hasUser(UsualUser) ? UsualUser : null), global.ScriptGroup);
}
