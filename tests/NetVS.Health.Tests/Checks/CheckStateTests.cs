using NetVS.Health.Checks;

namespace NetVS.Health.Tests.Checks;

/// <summary>Up and down as the reference has it (§6.2, §6.4): s and f are attempts, then the delay in seconds, + up, - down.</summary>
public sealed class CheckStateTests
{
    private static readonly CheckPolicy s_tcp = new() { Interval = TimeSpan.FromSeconds(6), Retries = 2, RetryDelay = TimeSpan.FromSeconds(1), RetriesWhileDown = true };
    private static readonly CheckPolicy s_http = s_tcp with { RetriesWhileDown = false, NeedsWholePass = true, RetryDelay = TimeSpan.FromSeconds(3) };

    private static string Run(CheckPolicy policy, string attempts)
    {
        var state = new CheckState(policy);
        return string.Join(' ', attempts.Where(c => c != ' ').Select(c =>
        {
            CheckReaction r = state.Take(c switch { 's' => ProbeOutcome.Success, 'f' => ProbeOutcome.Failure, _ => ProbeOutcome.LocalProblem });
            return $"{r.Delay.TotalSeconds}{r.Change switch { true => "+", false => "-", _ => "" }}{(r.IsFirstFailure ? "!" : "")}{(policy.Steps > 1 ? $"@{state.Step}" : "")}";
        }));
    }

    [Fact]
    public void FirstFailure_GetsNoRetries() => Run(s_tcp, "f").ShouldBe("6-");

    [Fact]
    public void FirstFailure_OfSmtp_IsRetried() => Run(s_tcp with { RetriesAtFirst = true }, "fff").ShouldBe("1 1 6-");

    [Fact]
    public void Failures_BeyondTheRetries_TakeItDown_AndOneSuccessBringsItUp() => Run(s_tcp, "s fff ffff s").ShouldBe("6 1 1 6- 1 1 6 1 6+");

    [Fact]
    public void Success_BetweenFailures_BeginsTheRetriesAgain() => Run(s_tcp, "s ff s ff s").ShouldBe("6 1 1 6 1 1 6");

    [Fact]
    public void Udp_WhileDown_IsAskedOnceAnInterval() => Run(s_tcp with { RetriesWhileDown = false }, "s fff ff s").ShouldBe("6 1 1 6- 6 6 6+");

    [Fact]
    public void Alpha_BeginsDown_AndTellsOfItsFirstFailureOnce() => Run(s_tcp with { StartsDown = true, RetriesWhileDown = false }, "ff s").ShouldBe("6! 6 6+");

    [Fact]
    public void LocalProblem_SaysNothingAboutTheServer() => Run(s_tcp, "lll s").ShouldBe("6 6 6 6");

    [Fact]
    public void Http_AfterItsPageHasFailed_MustSucceedTwice() => Run(s_http, "s fff s s").ShouldBe("6 3 3 6- 6 6+");

    [Fact]
    public void Http_WithPages_AsksOneAtATime_AndNeedsAWholePass() =>
        Run(s_http with { Steps = 2, Retries = 0 }, "s s s f f s s s").ShouldBe("6@1 6@0 6@1 6-@1 6@1 6@0 6@1 6+@0");

    [Fact]
    public void Http_WithFastRecovery_DoesNotWaitWhileItIsDown() =>
        Run(s_http with { Steps = 2, Retries = 0, RecoversFast = true }, "f s s s").ShouldBe("6-@0 0@0 0@1 6+@0");

    [Fact]
    public void Http_DelayBeforeRetry_BeyondTheInterval_IsTheDelayWhileDown() => Run(s_http with { RetryDelay = TimeSpan.FromSeconds(9), Retries = 0 }, "f f").ShouldBe("9- 9");
}
