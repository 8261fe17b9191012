# Completion of netsuff for bash: the words come from the program itself.
_netsuff()
{
    local line lines
    COMPREPLY=()
    mapfile -t lines < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    for line in "${lines[@]}"; do
        if [ "$line" = :file ]; then
            compopt -o default
        else
            COMPREPLY+=("${line%%$'\t'*}")
        fi
    done
}
complete -F _netsuff netsuff
