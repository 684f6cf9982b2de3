using NetVS.Director;
using NetVS.Director.Network;
using NetVS.Packets;

namespace NetVS.Control;

/// <summary>Gives a director its time: every 100 ms on a thread of its own.</summary>
public sealed class TickDriver : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(100);
    private readonly DirectorEngine _engine;
    private readonly NetworkState _network;
    private readonly Func<MonotonicTime> _clock;
    private readonly Action<string> _report;
    private readonly Action? _also;
    private readonly Action<ProcessorSet, int>? _place;
    private ProcessorSet _processors = ProcessorSet.All;
    private int _nice;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <summary>Starts to tick.</summary>
    /// <param name="engine">The director.</param>
    /// <param name="network">Its network, which retires next hops once a second.</param>
    /// <param name="clock">The clock the workers use.</param>
    /// <param name="report">Is told when a tick fails; the next one is tried all the same.</param>
    /// <param name="also">What else is to be done at every tick.</param>
    /// <param name="place">
    /// Puts the calling thread on processors and gives it a nice value, as <c>est_cpulist</c> and <c>est_nice</c> say; called on the thread that ticks, when one of them has
    /// changed.
    /// </param>
    public TickDriver(
        DirectorEngine engine, NetworkState network, Func<MonotonicTime> clock, Action<string> report, Action? also = null, Action<ProcessorSet, int>? place = null)
    {
        _engine = engine;
        _network = network;
        _clock = clock;
        _report = report;
        _also = also;
        _place = place;
        _thread = new Thread(Run) { Name = "netvs tick", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops; when it returns, no tick runs any more.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Place()
    {
        DirectorSettings settings = _engine.Settings;
        if (_place is null || (settings.Estimators == _processors && settings.EstimatorNice == _nice)) return;
        _processors = settings.Estimators;
        _nice = settings.EstimatorNice;

        // With none it only stops estimating: where it ran it goes on with the rest of its work.
        _place(_processors.IsEmpty ? ProcessorSet.All : _processors, _nice);
    }

    private void Run()
    {
        string? last = null;
        for (int count = 0; !_stop.Wait(s_period); count++)
        {
            try
            {
                Place();
                MonotonicTime now = _clock();
                _engine.Tick(now);
                if (count % 10 == 0) _network.Tick(now);
                _also?.Invoke();
                last = null;
            }
            catch (Exception e) when (e is InvalidOperationException or Director.Services.DivertException or ArgumentException)
            {
                if (last != e.Message) _report($"tick: {e.Message}");
                last = e.Message;
            }
        }
    }
}
