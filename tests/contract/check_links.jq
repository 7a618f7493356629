# The links of $document that a caller with a credential of $scheme could follow and never did with success,
# by the events of Schemathesis.
include "document";

($document[0] | [links(usable($scheme))]) as $links
| if $links == [] then "the document has no links" else
  [inputs | .ScenarioFinished.recorder // empty | . as $recorder | .cases // {} | to_entries[] | select(.value.is_transition_applied)
    | select($recorder.interactions[.key].response.status_code | . >= 200 and . < 300) | .value.transition.id] as $followed
  | $links - $followed | .[] | "not followed: \(.)"
  end
