namespace NetVS.Keepalived.Diagnostics;

/// <summary>The exit status of keepalived's config test (reference §2.11, as keepalived 2.2.7 does it).</summary>
public static class ConfigTest
{
    /// <summary>No configuration error.</summary>
    public const int Ok = 0;

    /// <summary>A parameter is missing: keepalived reads no further.</summary>
    public const int MissingParameter = 2;

    /// <summary>Cannot run.</summary>
    public const int CannotRun = 4;

    /// <summary>Errors; keepalived would run with what it understood, or not at all.</summary>
    public const int Errors = 5;

    /// <summary>Script security, or an include that must find its file and does not.</summary>
    public const int Security = 6;

    /// <summary>The exit status for the highest class of problem.</summary>
    public static int ExitStatus(ProblemClass highest, bool hasMissingParameter) => highest switch
    {
        ProblemClass.StrictInclude => Security,
        _ when hasMissingParameter => MissingParameter,
        ProblemClass.None => Ok,
        <= ProblemClass.Fatal => CannotRun,
        ProblemClass.Security => Security,
        _ => Errors,
    };
}
