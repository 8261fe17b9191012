# Completion of netsuff for fish: the words come from the program itself.
function __netsuff_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if test "$lines[1]" = :file
        set -e lines[1]
        __fish_complete_path (commandline -ct)
    end
    test (count $lines) -gt 0; and printf '%s\n' $lines
end
complete -c netsuff -f -a '(__netsuff_complete)'
