#include "client/completion.hpp"

namespace restpoint::client {
namespace {

// Both ask the program itself for the words, so that they fit whatever version is installed.

constexpr std::string_view bash =
    R"sh(# restpoint's completion for bash, for instance in ~/.bashrc: source <(restpoint completion bash)
_restpoint() {
    local line=${COMP_LINE:0:COMP_POINT} words=() word
    read -ra words <<<"$line"
    [[ $line != *[[:blank:]] ]] || words+=("")
    local current=${words[${#words[@]} - 1]}
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [[ $word == :files ]]; then
            compopt -o default
            continue
        fi
        # bash completes the part behind a "=" alone, unless it was told not to.
        [[ $COMP_WORDBREAKS != *=* ]] || word=${word#"${current%"${current##*=}"}"}
        COMPREPLY+=("$word")
    done < <("${words[0]/#\~/$HOME}" completion words "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
}
complete -F _restpoint restpoint
)sh";

constexpr std::string_view zsh = R"sh(#compdef restpoint
# restpoint's completion for zsh: as _restpoint in a folder of fpath, or source <(restpoint completion zsh)
_restpoint() {
    local -a plain open
    local line word files
    for line in "${(@f)$(${~words[1]} completion words "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
        word=${line%%$'\t'*}
        if [[ $word == :files ]]; then
            files=yes
        elif [[ $word == *= ]]; then
            open+=("${word//:/\\:}")
        elif [[ -n $word ]]; then
            plain+=("${word//:/\\:}:${line#*$'\t'}")
        fi
    done
    if [[ -n $files ]]; then
        compset -P '--*='
        _files
    elif (( $#open )); then
        _describe restpoint plain -- open -S ''
    else
        _describe restpoint plain
    fi
}
if [[ $funcstack[1] == _restpoint ]]; then
    _restpoint "$@"
else
    compdef _restpoint restpoint
fi
)sh";

} // namespace

std::string_view completion_script(std::string_view shell) {
    if (shell == "bash") {
        return bash;
    }
    return shell == "zsh" ? zsh : std::string_view();
}

} // namespace restpoint::client
