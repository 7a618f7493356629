# What a document says; `include "document";` to use it.

def operations:
  .paths | to_entries[] | .key as $path | .value | to_entries[] | select(.value.responses)
  | {path: $path, name: "\(.key | ascii_upcase) \($path)"} + .value;

# The names of the operations that take a credential of this security scheme, or none.
def usable($scheme):
  [operations | select(.security == [] or any(.security[]; keys - [$scheme] == [])) | .name];

# The links between these operations, as Schemathesis writes them.
def links($names):
  (reduce operations as $operation ({}; .[$operation.operationId] = $operation.name)) as $targets
  | operations | select(.name | IN($names[])) | .name as $source
  | .responses | to_entries[] | .key as $status | .value.links // {} | to_entries[]
  | $targets[.value.operationId] as $target | select($target | IN($names[]))
  | "\($source) -> [\($status)] \(.key) -> \($target)";
