using System.Net;
using System.Text;
using System.Text.Json;

namespace NetVS.Tests.Api;

/// <summary>The API as any HTTP client sees it: bodies, statuses, and what it refuses.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private TestDaemon _daemon = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _daemon = await TestDaemon.StartAsync("site.rules");
        _http = _daemon.CreateHttp();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _daemon.DisposeAsync();
    }

    private async Task<(HttpStatusCode Code, JsonElement Body)> Send(string method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, type);
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    [Fact]
    public async Task Rules_MadeAndChangedAndDeleted_AnswerAsDocumented()
    {
        (await Send("POST", "v1/services", """{"service":"tcp:192.0.2.10:80","scheduler":"rr"}""")).Code.ShouldBe(HttpStatusCode.Created);
        (await Send("POST", "v1/services", """{"service":"tcp:192.0.2.10:80"}""")).Code.ShouldBe(HttpStatusCode.Conflict);
        (await Send("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.1:8080","method":"nat","weight":2}"""))
            .Code.ShouldBe(HttpStatusCode.Created);
        (await Send("PUT", "v1/services/tcp:192.0.2.10:80/destinations/10.0.0.1:8080", """{"real":"10.0.0.1:8080","method":"nat","weight":5}"""))
            .Code.ShouldBe(HttpStatusCode.NoContent);
        (await Send("PUT", "v1/services/tcp:192.0.2.10:80", """{"service":"tcp:192.0.2.10:80","scheduler":"wrr"}""")).Code.ShouldBe(HttpStatusCode.NoContent);
        (await Send("POST", "v1/services/tcp:192.0.2.10:80/local-addresses", """{"address":"10.0.0.200"}""")).Code.ShouldBe(HttpStatusCode.Created);
        (HttpStatusCode code, JsonElement service) = await Send("GET", "v1/services/tcp%3A192.0.2.10%3A80");
        code.ShouldBe(HttpStatusCode.OK);
        service.GetProperty("scheduler").GetString().ShouldBe("wrr");
        service.GetProperty("destinations")[0].GetProperty("weight").GetInt32().ShouldBe(5);
        service.GetProperty("local_addresses")[0].GetProperty("address").GetString().ShouldBe("10.0.0.200");
        (await Send("DELETE", "v1/services/tcp:192.0.2.10:80/local-addresses/10.0.0.200")).Code.ShouldBe(HttpStatusCode.NoContent);
        (await Send("DELETE", "v1/services/tcp:192.0.2.10:80/destinations/10.0.0.1:8080")).Code.ShouldBe(HttpStatusCode.NoContent);
        (await Send("DELETE", "v1/services/tcp:192.0.2.10:80")).Code.ShouldBe(HttpStatusCode.NoContent);
        (code, JsonElement problem) = await Send("GET", "v1/services/tcp:192.0.2.10:80");
        code.ShouldBe(HttpStatusCode.NotFound);
        problem.GetProperty("status").GetString().ShouldBe("ESRCH");
    }

    [Theory]
    [InlineData("POST", "v1/services", "", 400)]
    [InlineData("POST", "v1/services", "null", 400)]
    [InlineData("POST", "v1/services", "[]", 400)]
    [InlineData("POST", "v1/services", "{", 400)]
    [InlineData("POST", "v1/services", "{}", 400)]
    [InlineData("POST", "v1/services", """{"service":null}""", 400)]
    [InlineData("POST", "v1/services", """{"service":5}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80","shceduler":"rr"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80","service":"tcp:192.0.2.2:80"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80"} x""", 400)]
    [InlineData("POST", "v1/services", """{"service":"192.0.2.1:80"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:65536"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:2001:db8::1:80"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"fwm:0"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80","flags":["sh-port"]}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80","netmask":"24"}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80","persistence":-1}""", 400)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.1:80","scheduler":"nosuch"}""", 404)]
    [InlineData("POST", "v1/services", """{"service":"tcp:192.0.2.7:80","persistence_engine":"sip"}""", 501)]
    [InlineData("PUT", "v1/services/tcp:192.0.2.10:80", """{"service":"tcp:192.0.2.1:80"}""", 400)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.2"}""", 400)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.2:80","method":"masq"}""", 400)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.2:80","tunnel":{}}""", 400)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.2:80","weight":1.5}""", 400)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.2:80","weight":99999999999}""", 400)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"10.0.0.2:80","weight":-1}""", 422)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/destinations", """{"real":"224.0.0.1:80"}""", 422)]
    [InlineData("POST", "v1/services/tcp:192.0.2.99:80/destinations", """{"real":"10.0.0.2:80"}""", 404)]
    [InlineData("POST", "v1/services/tcp:192.0.2.10:80/local-addresses", """{"address":"10.0.0"}""", 400)]
    [InlineData("DELETE", "v1/services/x", null, 400)]
    [InlineData("DELETE", "v1/services", """{"really":true}""", 400)]
    [InlineData("PUT", "v1/timeouts", """{"tcp":-1}""", 422)]
    [InlineData("PUT", "v1/timeouts", """{"tcp":"5"}""", 400)]
    [InlineData("PUT", "v1/settings/nosuch", """{"value":"1"}""", 404)]
    [InlineData("PUT", "v1/settings/conn_reuse_mode", """{"value":"99"}""", 422)]
    [InlineData("PUT", "v1/settings/conn_reuse_mode", """{"value":1}""", 400)]
    [InlineData("GET", "v1/connections?limit=0", null, 400)]
    [InlineData("GET", "v1/connections?cursor=x", null, 400)]
    [InlineData("GET", "v1/nosuch", null, 404)]
    [InlineData("GET", "nosuch", null, 404)]
    [InlineData("PATCH", "v1/services", "{}", 405)]
    public async Task WrongRequests_AreExplainedAndChangeNothing(string method, string path, string? body, int code)
    {
        await Send("POST", "v1/services", """{"service":"tcp:192.0.2.10:80","scheduler":"rr"}""");
        string before = (await _daemon.Ipvsadm("-S -n")).Output + (await _daemon.Ipvsadm("-L --timeout")).Output;
        (HttpStatusCode actual, JsonElement problem) = await Send(method, path, body);
        ((int)actual).ShouldBe(code, problem.ToString());
        problem.GetProperty("status").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        ((await _daemon.Ipvsadm("-S -n")).Output + (await _daemon.Ipvsadm("-L --timeout")).Output).ShouldBe(before);
    }

    [Fact]
    public async Task WrongContentType_IsRefused() =>
        ((int)(await Send("POST", "v1/services", """{"service":"tcp:192.0.2.10:80"}""", "text/plain")).Code).ShouldBe(415);

    [Fact]
    public async Task HugeBody_IsRefused()
    {
        string body = "{\"service\":\"" + new string('x', 70_000) + "\"}";
        (HttpStatusCode code, JsonElement problem) = await Send("POST", "v1/services", body);
        ((int)code).ShouldBe(413);
        problem.GetProperty("status").GetString().ShouldBe("EMSGSIZE");
    }

    [Fact]
    public async Task Settings_SetAndRead_KeepTheirNames()
    {
        (await Send("PUT", "v1/settings/net.ipv4.vs.sloppy_tcp", """{"value":"1"}""")).Code.ShouldBe(HttpStatusCode.NoContent);
        (await Send("GET", "v1/settings/sloppy_tcp")).Body.GetProperty("value").GetString().ShouldBe("1");
        JsonElement all = (await Send("GET", "v1/settings")).Body.GetProperty("settings");
        all.GetArrayLength().ShouldBeGreaterThan(10);
        all[0].GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Status_Asked_SaysEverything()
    {
        JsonElement status = (await Send("GET", "v1/status")).Body;
        status.GetProperty("max_connections").GetInt64().ShouldBe(128);
        status.GetProperty("interfaces")[0].GetProperty("hook").GetString().ShouldBe("xdp native");
        status.GetProperty("divert").GetProperty("passed").GetInt64().ShouldBe(3);
        (await Send("GET", "v1/statistics")).Body.GetProperty("inbound_bytes").GetUInt64().ShouldBe(0ul);
        (await Send("GET", "v1/drops")).Body.GetProperty("drops").GetArrayLength().ShouldBeGreaterThan(10);
        (await Send("GET", "v1/version")).Body.GetProperty("title").GetString().ShouldBe("IP Virtual Server version 1.2.1 (size=4096)");
    }

    [Fact]
    public async Task Reload_OfTheRulesFile_ChangesOnlyWhatDiffersAndNothingWhenBad()
    {
        string file = Path.Combine(_daemon.Directory, "site.rules");
        (HttpStatusCode code, JsonElement problem) = await Send("POST", "v1/reload");
        ((int)code).ShouldBe(422);
        problem.GetProperty("problems")[0].GetProperty("message").GetString()!.ShouldContain("cannot be read");
        await File.WriteAllTextAsync(file, "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 10.0.0.1 -m\n", TestContext.Current.CancellationToken);
        (await Send("POST", "v1/reload")).Body.GetProperty("changes").GetArrayLength().ShouldBe(2);
        (await Send("POST", "v1/reload")).Body.GetProperty("changes").GetArrayLength().ShouldBe(0);
        string before = (await _daemon.Ipvsadm("-S -n")).Output;
        await File.WriteAllTextAsync(file, "-A -t 192.0.2.10:80 -s wlc\n-A -t 192.0.2.7:80 --pe sip\n-a -t 192.0.2.10:80 -r 224.0.0.1 -m\n-x\n", TestContext.Current.CancellationToken);
        (code, problem) = await Send("POST", "v1/reload");
        ((int)code).ShouldBe(422);
        problem.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("line").GetInt32()).ShouldBe([2, 3, 4]);
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe(before);
        (code, JsonElement plan) = await Send("POST", "v1/plan", """{"text":"-A -t 192.0.2.10:80 -s rr\n"}""");
        plan.GetProperty("changes").EnumerateArray().Select(c => c.GetString()).ShouldBe(["-d -t 192.0.2.10:80 -r 10.0.0.1:80"]);
        (await _daemon.Ipvsadm("-S -n")).Output.ShouldBe(before);
    }

    [Fact]
    public async Task Reconcile_AgainstTheRulesFile_SaysAndPutsRight()
    {
        string file = Path.Combine(_daemon.Directory, "site.rules");
        await File.WriteAllTextAsync(file, "-A -t 192.0.2.10:80 -s rr\n-a -t 192.0.2.10:80 -r 10.0.0.1 -m -w 5\n", TestContext.Current.CancellationToken);
        await Send("POST", "v1/reload");
        await _daemon.Ipvsadm("-e -t 192.0.2.10:80 -r 10.0.0.1 -m -w 9");
        string[] steps = ["-e -t 192.0.2.10:80 -r 10.0.0.1:80 -m -w 5"];
        for (int i = 0; i < 2; i++) Changes((await Send("POST", "v1/reconcile?dry_run=true")).Body).ShouldBe(steps);
        Changes((await Send("POST", "v1/reconcile")).Body).ShouldBe(steps);
        Changes((await Send("POST", "v1/reconcile")).Body).ShouldBeEmpty();
        ((int)(await Send("POST", "v1/reconcile?dry_run=perhaps")).Code).ShouldBe(400);

        static string?[] Changes(JsonElement plan) => [.. plan.GetProperty("changes").EnumerateArray().Select(c => c.GetString())];
    }

    [Theory]
    [InlineData("true", 409)]
    [InlineData("perhaps", 400)]
    public async Task Stop_KeepingWhatCannotBeKept_IsRefusedAndStopsNothing(string keep, int code)
    {
        ((int)(await Send("POST", $"v1/stop?keep_forwarding={keep}")).Code).ShouldBe(code);
        _daemon.Stopped.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Stop_Asked_IsPassedOn()
    {
        ((int)(await Send("POST", "v1/stop")).Code).ShouldBe(202);
        await _daemon.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }
}
