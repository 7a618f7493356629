# What is wrong with a run of Schemathesis, by its report; nothing if all is well.
# $phases: those that it had to go through. $document, $scheme, $left_out, $only: what was attacked, as whom, which paths not (a pattern),
# and which alone.
include "document";

($document[0] | [operations | select(($left_out == "" or (.path | test($left_out) | not)) and ($only == "" or .path == $only)) | .name]) as $operations
| ($operations - ($document[0] | usable($scheme))) as $refused
| . as $report
| ($phases | split(",")[] | $report.phases[.].status as $status | select($status != "success") | "the phase \(.): \($status)"),
  # Of operations that the caller may not use, there is nothing but refusals.
  (.warnings | to_entries[] | .key as $kind | .value - $refused | select(. != []) | "\($kind): \(join(", "))"),
  # The stateful phase has its links, which check_links.jq counts.
  if $phases == "stateful" then empty else
    (.operations.tested | select(. != ($operations | length)) | "\(.) operations were tested, not \($operations | length)"),
    # Refusals alone prove nothing. The systematic cases come before there is anything that a path could name.
    ($operations - $refused | .[] | . as $name
      | (if contains("{") then "fuzzing" else "coverage" end) as $phase
      | $report.valid_rates[$name][$phase].accepted // 0 | select(. == 0) | "\($name) accepted nothing in the phase \($phase)")
  end
