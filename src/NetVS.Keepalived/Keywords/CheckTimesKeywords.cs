using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;

namespace NetVS.Keepalived.Keywords;

/// <summary>The keywords about when checks run, which virtual_server, real_server and the checkers share (reference §5.2 to §5.4).</summary>
internal static class CheckTimesKeywords
{
    /// <summary>The greatest connect_timeout, seconds.</summary>
    public const decimal MostTimeout = 4294.967295m;

    /// <summary>The greatest of all other times, seconds.</summary>
    public const decimal MostTime = 18446744073709.551614m;

    /// <summary>Adds them to a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="set">Changes the record's times.</param>
    /// <param name="owner">How messages begin: <c>virtual server </c>, or nothing for a checker.</param>
    /// <param name="delayError">keepalived's words for a wrong delay_loop.</param>
    /// <param name="leastRetries">1, and 0 for a checker.</param>
    /// <param name="retryError">keepalived's words for a wrong retry.</param>
    public static KeywordTable<T> Add<T>(
        KeywordTable<T> table, Func<T, Func<CheckTimes, CheckTimes>, T> set, string owner, string delayError, int leastRetries, string retryError)
        where T : IConfigurationBlock => table
        .Timer("delay_loop", 0.000001m, MostTime, (v, t) => set(v, c => c with { Interval = t }), delayError)
        .Number("retry", leastRetries, uint.MaxValue, (v, n) => set(v, c => c with { Retries = (int)Math.Min(n, int.MaxValue) }), retryError)
        .Timer("delay_before_retry", 0m, MostTime, (v, t) => set(v, c => c with { RetryDelay = t }))
        .Timer("warmup", 0m, MostTime, (v, t) => set(v, c => c with { Warmup = t }))
        .Timer("connect_timeout", 0.000001m, MostTimeout, (v, t) => set(v, c => c with { ConnectTimeout = t }), owner + "connect_timeout %v invalid - ignoring");
}
