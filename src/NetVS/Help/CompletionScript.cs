using System.Text;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Help;

/// <summary>Completion for shells, made of the texts that <c>--help</c> prints.</summary>
internal static class CompletionScript
{
    private static readonly string[] s_fileOptions = ["-f", "--rules", "-r", "--network", "-n", "-o", "--output", "--save", "--svg", "--from", "--socket"];

    /// <summary>For bash: to be sourced, or put under /usr/share/bash-completion/completions/netvs.</summary>
    public static string Bash()
    {
        var text = new StringBuilder();
        text.Append(
            """
            # bash completion of netvs and ipvsadm, made by 'netvs completion bash'

            # The services of the daemon, and its real servers.
            _netvs_services() { "$1" service list 2>/dev/null | sed -n 's/^\([a-z][^ ]*\).*/\1/p'; }
            _netvs_servers() { "$1" server list 2>/dev/null | sed -n 's/^  \([^ ]*\).*/\1/p' | sort -u; }

            # _netvs_known COMMAND: its words and options. _netvs_values COMMAND OPTION: what an option may be.
            _netvs_known() {
            	case $1 in

            """);
        foreach ((string name, UsageText usage) in All()) text.Append($"\t\t{name}) echo '{string.Join(' ', usage.Words.Concat(usage.Options))}' ;;\n");
        text.Append("\tesac\n}\n_netvs_values() {\n\tcase $1:$2 in\n");
        foreach ((string name, UsageText usage) in All())
            foreach ((string option, string[] values) in usage.Choices) text.Append($"\t\t{name}:{option}) echo '{string.Join(' ', values)}' ;;\n");
        text.Append($"\t\tipvsadm:-s|ipvsadm:--scheduler|service:-s|service:--scheduler) echo '{IpvsadmHelp.Schedulers}' ;;\n");
        text.Append("\tesac\n}\n\n");
        text.Append(
            $$"""
            _netvs() {
            	local cur prev words cword command list
            	if declare -F _get_comp_words_by_ref >/dev/null; then
            		_get_comp_words_by_ref -n : cur prev words cword
            	else
            		cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
            	fi
            	command=${words[1]}
            	[ "${1##*/}" = ipvsadm ] && command=ipvsadm
            	if [ "$command" != ipvsadm ] && [ "$cword" -eq 1 ]; then
            		COMPREPLY=($(compgen -W '{{string.Join(' ', CommandTable.Commands.Keys)}} --help --version' -- "$cur"))
            		return
            	fi
            	list=$(_netvs_values "$command" "$prev")
            	if [ -z "$list" ]; then
            		case $command:$prev in
            			{{string.Join('|', FileOptions())}}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
            			service:list|service:edit|service:delete|service:zero|server:list|server:add|server:edit|server:delete|server:--service) list=$(_netvs_services "$1") ;;
            			server:drain|server:disable|server:weight|server:restore|why:server) list=$(_netvs_servers "$1") ;;
            			*) list=$(_netvs_known "$command") ;;
            		esac
            		[ "$cword" -eq 4 ] && case $command:${words[2]} in server:edit|server:delete) list=$(_netvs_servers "$1") ;; esac
            	fi
            	COMPREPLY=($(compgen -W "$list" -- "$cur"))
            	declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
            	return 0
            }
            complete -F _netvs netvs ipvsadm

            """);
        return text.ToString();
    }

    /// <summary>For zsh: to be put as <c>_netvs</c> into a directory of fpath.</summary>
    public static string Zsh()
    {
        var text = new StringBuilder("#compdef netvs ipvsadm\n# zsh completion of netvs and ipvsadm, made by 'netvs completion zsh'\n\n_netvs() {\n\tlocal command=$words[2] previous=$words[CURRENT-1]\n");
        text.Append("\t[[ $service == ipvsadm ]] && command=ipvsadm\n\tif [[ $command != ipvsadm && $CURRENT -eq 2 ]]; then\n\t\tlocal -a commands=(\n");
        foreach ((string name, Command command) in CommandTable.Commands) text.Append($"\t\t\t'{name}:{command.Summary.Replace("'", "'\\''", StringComparison.Ordinal)}'\n");
        text.Append("\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tcase $command:$previous in\n");
        text.Append($"\t\t(ipvsadm:-s|ipvsadm:--scheduler|service:-s|service:--scheduler) compadd -- {IpvsadmHelp.Schedulers}; return ;;\n");
        foreach ((string name, UsageText usage) in All())
            foreach ((string option, string[] values) in usage.Choices) text.Append($"\t\t({name}:{option}) compadd -- {string.Join(' ', values)}; return ;;\n");
        text.Append($"\t\t({string.Join('|', FileOptions())}) _files; return ;;\n");
        text.Append("\t\t(service:(list|edit|delete|zero)|server:(list|add|edit|delete|--service))\n\t\t\tcompadd -- ${(f)\"$(netvs service list 2>/dev/null | sed -n 's/^\\([a-z][^ ]*\\).*/\\1/p')\"}; return ;;\n");
        text.Append("\t\t(server:(drain|disable|weight|restore)|why:server)\n\t\t\tcompadd -- ${(f)\"$(netvs server list 2>/dev/null | sed -n 's/^  \\([^ ]*\\).*/\\1/p' | sort -u)\"}; return ;;\n\tesac\n\tcase $command in\n");
        foreach ((string name, UsageText usage) in All()) text.Append($"\t\t({name}) compadd -- {string.Join(' ', usage.Words.Concat(usage.Options))} ;;\n");
        return text.Append("\tesac\n}\n\n_netvs \"$@\"\n").ToString();
    }

    private static IEnumerable<(string Name, UsageText Usage)> All() => CommandTable.Commands.Select(c => (c.Key, new UsageText(c.Key, c.Value.Usage)));

    // Not ipvsadm's, whose -f and -r are no files.
    private static IEnumerable<string> FileOptions() =>
        All().Where(c => c.Name != "ipvsadm").SelectMany(c => c.Usage.Options.Where(o => s_fileOptions.Contains(o) && !c.Usage.Choices.ContainsKey(o)).Select(o => $"{c.Name}:{o}"));
}
