using NetVS.Keepalived.Model;

namespace NetVS.Scripts;

/// <summary>Who runs scripts, and which may run (keepalived reference §10.1).</summary>
/// <param name="IsSecure">Scripts that others than root could change are not run as root (enable_script_security).</param>
/// <param name="Default">Who runs scripts that do not say.</param>
public sealed record ScriptPolicy(bool IsSecure, ScriptAccount Default)
{
    private const string UsualUser = "keepalived_script";

    /// <summary>Everything runs as the daemon.</summary>
    public static ScriptPolicy Open { get; } = new(false, ScriptAccount.Own);

    /// <summary>What a configuration says.</summary>
    public static ScriptPolicy Of(GlobalDefinitions global)
    {
        ArgumentNullException.ThrowIfNull(global);
        string? user = global.ScriptUser ?? (Accounts.UserId(UsualUser) is not null ? UsualUser : null);
        return new ScriptPolicy(global.HasScriptSecurity, new ScriptAccount(user, global.ScriptUser is null ? null : global.ScriptGroup));
    }

    /// <summary>Who runs a script.</summary>
    public ScriptAccount AccountOf(ScriptCommand script)
    {
        ArgumentNullException.ThrowIfNull(script);
        return script.User is { } user ? new ScriptAccount(user, script.Group) : Default;
    }

    /// <summary>Why a script is not run, or null.</summary>
    public string? FindRefusal(ScriptCommand script)
    {
        if (!IsSecure) return null;
        if (AccountOf(script).User is not { } user) return "enable_script_security is set, and there is no script_user and no user keepalived_script";
        return Accounts.UserId(user) == 0 && ScriptSafety.FindWeakness(script.Program) is { } weakness ? $"{weakness}, and enable_script_security is set" : null;
    }
}
