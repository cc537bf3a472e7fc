// The root to which an inclusion proof leads, for who has no root to compare.
//
// Purpose:    a COSE receipt signs the root and does not carry it. With a root at hand:
//             check_inclusion() of merkle.h.
// Threading:  pure function.
// Not errors: a proof that does not fit index and size: nullopt.
// Source:     RFC 9162, section 2.1.3.2.
#pragma once

#include <cstdint>
#include <optional>

#include "foundation/ledger/merkle.h"

namespace pawl::ledger {

std::optional<Digest> inclusion_root(const Digest& leaf_hash, std::uint64_t index,
                                     std::uint64_t size, const Proof& proof);

}  // namespace pawl::ledger
