using Microsoft.Extensions.Time.Testing;
using NetVS.Control.Configuration;
using NetVS.Rules;

namespace NetVS.Health.Tests;

/// <summary>Rules that were changed behind the daemon's back: found, said, put right; by hand and now and then.</summary>
public sealed class ReconcileTests : IDisposable
{
    private const string Servers = "real_server 10.0.0.1 80 {\n weight 2\n }\n real_server 10.0.0.2 80 {\n weight 3\n }\n";
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider _time = new();
    private readonly HealthRig _rig;

    public ReconcileTests() => _rig = new HealthRig(_time);

    public void Dispose() => _rig.Dispose();

    private static string Virtual(string more = "") => $"virtual_server 192.0.2.1 80 {{\n protocol TCP\n lvs_sched rr\n lvs_method DR\n {more}\n {Servers} }}\n";

    private void Begin(string text)
    {
        _rig.Load(text).Problems.ShouldBeEmpty();
        _rig.Configuration.Begin();
    }

    private ServiceRules Service => _rig.Control.ListServices().Select(s => new ServiceRules(s.Rule, [.. s.Destinations.Select(d => d.Rule)], [])).Single(s => s.Destinations.Count > 0);

    // One server with another weight, one gone, one too many, and a scheduler that nobody has asked for.
    private void Meddle()
    {
        ServiceRules service = Service;
        void Do(RuleChangeKind kind, DestinationRule destination) =>
            _rig.Control.Change(new RuleChange { Kind = kind, Service = service.Rule.Key, Destination = destination }).IsOk.ShouldBeTrue(kind.ToString());
        DestinationRule first = service.Destinations.Single(d => d.Weight == 2), second = service.Destinations.Single(d => d.Weight == 3);
        Do(RuleChangeKind.EditDestination, first with { Weight = 77 });
        Do(RuleChangeKind.DeleteDestination, second);
        Do(RuleChangeKind.AddDestination, second with { Real = new(second.Real.Address, 8080) });
        _rig.Control.Change(new RuleChange { Kind = RuleChangeKind.EditService, Service = service.Rule.Key, Rule = service.Rule with { Scheduler = "wlc" } }).IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Rules_ChangedByAnother_AreFoundAndPutRight()
    {
        Begin(Virtual());
        _rig.Configuration.Reconcile(isApplied: true).Lines.ShouldBeEmpty();
        Meddle();
        string meddled = _rig.Rules;
        IReadOnlyList<string> lines = _rig.Configuration.Reconcile(isApplied: false).Lines;
        lines.Count.ShouldBe(4, string.Join('\n', lines));
        _rig.Rules.ShouldBe(meddled, "it was only asked");
        _rig.Configuration.Reconcile(isApplied: true).Lines.ShouldBe(lines);
        _rig.Rules.ShouldBe("10.0.0.1:80=2 10.0.0.2:80=3");
        _rig.Configuration.Reconcile(isApplied: true).Lines.ShouldBeEmpty();
    }

    [Fact]
    public void ServiceDeletedByAnother_ComesBack_AndAForeignOneStays()
    {
        Begin(Virtual());
        ServiceRules service = Service;
        _rig.Control.Change(new RuleChange { Kind = RuleChangeKind.DeleteService, Service = service.Rule.Key }).IsOk.ShouldBeTrue();
        var foreign = service.Rule with { Key = ServiceKey.Of(service.Rule.Key.Protocol, service.Rule.Key.Address, 81) };
        _rig.Control.Change(new RuleChange { Kind = RuleChangeKind.AddService, Service = foreign.Key, Rule = foreign }).IsOk.ShouldBeTrue();
        _rig.Configuration.Reconcile(isApplied: true).Lines.Count.ShouldBe(3);
        _rig.Rules.ShouldBe("10.0.0.1:80=2 10.0.0.2:80=3");
        _rig.Control.FindService(foreign.Key).ShouldNotBeNull();
    }

    [Fact]
    public void WhatWasWantedByHandAndKept_Stays()
    {
        Begin(Virtual());
        ServiceRules service = Service;
        DestinationRule second = service.Destinations.Single(d => d.Weight == 3);
        _rig.Control.ChangeAndKeep(new RuleChange { Kind = RuleChangeKind.DeleteDestination, Service = service.Rule.Key, Destination = second }).IsOk.ShouldBeTrue();
        _rig.Configuration.Reconcile(isApplied: true).Lines.ShouldBeEmpty();
        _rig.Rules.ShouldBe("10.0.0.1:80=2");
    }

    [Fact]
    public void Periodically_ItIsPutRight()
    {
        Begin("global_defs {\n netvs_reconcile 1\n}\n" + Virtual());
        Meddle();
        _rig.Log.ShouldNotContain("reconcile: ");
        _time.Advance(s_interval);
        _rig.Rules.ShouldBe("10.0.0.1:80=2 10.0.0.2:80=3");
        Said("reconcile: put right: ").ShouldBe(4);

        Meddle();
        _time.Advance(s_interval);
        _rig.Rules.ShouldBe("10.0.0.1:80=2 10.0.0.2:80=3");
        Said("reconcile: put right: ").ShouldBe(8);
    }

    [Fact]
    public void Periodically_ItIsOnlySaid_AndOnce()
    {
        const string Differs = "reconcile: differs ('netvs reconcile' puts it right): ";
        Begin("global_defs {\n netvs_reconcile 1 report\n}\n" + Virtual());
        Meddle();
        string meddled = _rig.Rules;
        for (int i = 0; i < 3; i++) _time.Advance(s_interval);
        _rig.Rules.ShouldBe(meddled);
        _rig.Configuration.Reconcile(isApplied: false).Lines.Count.ShouldBe(4);
        Said(Differs).ShouldBe(4, "it is the same every time");

        // Another difference is said, with all the others.
        _rig.Control.Change(new RuleChange { Kind = RuleChangeKind.DeleteService, Service = Service.Rule.Key }).IsOk.ShouldBeTrue();
        for (int i = 0; i < 3; i++) _time.Advance(s_interval);
        Said(Differs).ShouldBe(4 + _rig.Configuration.Reconcile(isApplied: false).Lines.Count);
    }

    private int Said(string what) => _rig.Log.Split(what).Length - 1;
}
