// Reference §4.4: the result counter of a vrrp_script.
namespace NetVS.Failover.Trackers;

/// <summary>Turns results of single runs into up and down.</summary>
/// <remarks>The first result acts at once, either way; after it, <c>fall</c> failures in a row are down and <c>rise</c> successes in a row are up.</remarks>
public sealed class RiseFall(int rise, int fall, bool failsAtStart)
{
    private int _result = failsAtStart ? 0 : rise - 1;
    private bool _isFirst = true;

    /// <summary>Notes a run.</summary>
    /// <returns>True for up, false for down, null where nothing follows yet.</returns>
    public bool? Note(bool isSuccess)
    {
        bool isFirst = _isFirst;
        _isFirst = false;
        if (isSuccess)
        {
            if (_result < rise - 1)
            {
                _result++;
                return null;
            }

            bool isUp = _result == rise - 1;
            _result = rise + fall - 1;
            return isUp ? true : null;
        }

        if (_result > rise)
        {
            _result--;
            return null;
        }

        bool isDown = _result == rise || isFirst;
        _result = 0;
        return isDown ? false : null;
    }
}
