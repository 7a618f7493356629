# What is wrong with a run of Schemathesis, by its report; nothing if all is well.
# $allowed: warnings that this run must give, such as those of operations that a caller without credentials may not use.

(if .test_cases.generated < 1000 then "only \(.test_cases.generated) requests were made" else empty end),
(if .operations.tested < .operations.selected then "operations were left out" else empty end),
(.phases | to_entries[] | select(.value.status != "success") | "the phase \(.key): \(.value.status)"),
(.warnings | to_entries[] | select(.value != [] and (.key | IN($allowed[]) | not)) | "\(.key): \(.value | join(", "))")
