//! What must come of a case, and what came of it.

use countersign_core::chain::Address;
use countersign_plugin_abi::{status, verdict};

use super::{
    case::{ADDRESS, Asked, Case, Expected, Shape},
    perform::{Answer, Stage},
    report::Misdeed,
};
use crate::{descriptor::Descriptor, loaded::Instance};

impl Stage {
    /// Asks, and judges everything about the answer that does not take another.
    pub(super) fn perform(&mut self, case: &Case, of: &Descriptor, on: &Instance) -> Answer {
        let mut answer = self.call(case, on);
        if answer.misdeed.is_none() {
            answer.misdeed = self.judge(case, &answer, of, on);
        }
        answer
    }

    fn judge(
        &mut self,
        case: &Case,
        answer: &Answer,
        of: &Descriptor,
        on: &Instance,
    ) -> Option<Misdeed> {
        let is_ok = answer.status == status::OK;
        let has_held = match &case.asked {
            Asked::Proof { fields, .. } => {
                is_ok && answer.verdict == verdict::VALID && answer.output == fields[ADDRESS]
            }
            Asked::Address { text, .. } => is_ok && answer.output == *text,
        };
        if let Asked::Proof { fields, .. } = &case.asked
            && !case.is_other_address
            && case.expected != Expected::NoRoom
            && is_ok
            && answer.verdict == verdict::VALID
            && answer.output != fields[ADDRESS]
        {
            return Some(Misdeed::Signer);
        }
        let may_be = match case.expected {
            Expected::Good if has_held => None,
            Expected::Good => Some(match &case.asked {
                Asked::Proof { .. } => Misdeed::Refuses,
                Asked::Address { .. } => Misdeed::Canonical,
            }),
            Expected::NotValid => has_held.then_some(Misdeed::Accepts),
            Expected::NoRoom => {
                (answer.status != status::BUFFER_TOO_SMALL).then_some(Misdeed::SmallBuffer)
            }
            Expected::Refusal => is_ok.then_some(Misdeed::ChainIndex),
            Expected::Answer | Expected::Unsupported => None,
        };
        let Asked::Address { chain, .. } = &case.asked else {
            return may_be;
        };
        let is_read = is_ok && case.expected == Expected::Answer;
        let chain = of.chains.get(*chain as usize).filter(|_| is_read);
        let is_canonical = chain.is_none_or(|chain| {
            answer.output.len() <= chain.max_address_len as usize
                && std::str::from_utf8(&answer.output).is_ok_and(|text| Address::new(text).is_ok())
        });
        if !is_canonical || chain.is_some() && !self.is_fixed(case, &answer.output, on) {
            return Some(Misdeed::Canonical);
        }
        may_be
    }

    /// Whether a canonical address is read as itself.
    fn is_fixed(&mut self, case: &Case, canonical: &[u8], on: &Instance) -> bool {
        let Asked::Address { chain, .. } = case.asked else {
            return true;
        };
        let again = self.address(chain, canonical, Shape::Plain, on);
        again.status == status::OK && again.output == canonical
    }
}
