using System.Reflection;
using NetVS.Director.Tests.Forwarding;
using Xunit.Sdk;

namespace NetVS.Director.Tests.Offload;

/// <summary>The forwarder's tests once more, with a twin of the program in front of every rig: nobody sees a difference.</summary>
public sealed class TracesTwiceTests
{
    private static readonly Type[] s_classes =
    [
        typeof(CountingTests), typeof(DecisionTests), typeof(DirectRoutingTests), typeof(DropTests), typeof(ForwardingPropertyTests),
        typeof(FragmentForwardingTests), typeof(FullNatTests), typeof(IcmpErrorTests), typeof(LocalRealServerTests), typeof(NatForwardingTests),
        typeof(OwnerTests), typeof(TunnelTests),
    ];

    // What these look at is not there to see when the director never had the packet.
    private static readonly Dictionary<string, string> s_notTwice = new()
    {
    };

    public static TheoryData<string, int> Traces
    {
        get
        {
            var traces = new TheoryData<string, int>();
            foreach (Type type in s_classes)
            {
                foreach (MethodInfo method in type.GetMethods().Where(m => m.IsDefined(typeof(FactAttribute), inherit: true)))
                {
                    string name = $"{type.Name}.{method.Name}";
                    if (s_notTwice.ContainsKey(name)) continue;
                    int cases = Math.Max(1, method.GetCustomAttributes<InlineDataAttribute>().Count());
                    for (int i = 0; i < cases; i++) traces.Add(name, i);
                }
            }

            return traces;
        }
    }

    [Theory]
    [MemberData(nameof(Traces))]
    public void Trace_WithTheFastPathInFront_GivesTheSame(string name, int number)
    {
        string[] words = name.Split('.');
        Type type = s_classes.Single(c => c.Name == words[0]);
        MethodInfo method = type.GetMethod(words[1])!;
        object?[] data = method.GetCustomAttributes<InlineDataAttribute>().ElementAtOrDefault(number)?.Data ?? [];
        object?[] arguments = [.. method.GetParameters().Zip(data, (p, value) => Fit(value, p.ParameterType))];
        DirectorRig.PutsTwinInFront.Value = true;
        try
        {
            method.Invoke(Activator.CreateInstance(type), arguments);
        }
        catch (TargetInvocationException failure) when (failure.InnerException is not null)
        {
            throw new XunitException($"{name}: {failure.InnerException.Message}\n{failure.InnerException.StackTrace}");
        }
        finally
        {
            DirectorRig.PutsTwinInFront.Value = false;
        }
    }

    private static object? Fit(object? value, Type type) =>
        value is IConvertible && type.IsPrimitive ? Convert.ChangeType(value, type, System.Globalization.CultureInfo.InvariantCulture) : value;
}
