#include "governance/policy/set_activation.h"

#include <algorithm>

namespace pawl {
namespace {

std::string version_of(const rules::SetHeader& header) {
  return header.name + " version " + std::to_string(header.version);
}

Status check_statement(const SetInForce& before, const rules::RuleSet& set,
                       const SetStatement& said) {
  const rules::SetHeader* header = set.header();
  if (header == nullptr || said.name != header->name || said.owner != header->owner ||
      said.version != header->version) {
    return fail(
        Code::kBadSignature,
        "the signature is of set " + said.name + " version " + std::to_string(said.version) +
            " of " + said.owner + ", the files have " +
            (header != nullptr ? version_of(*header) + " of " + header->owner : "no header"));
  }
  if (said.digest != set.digest()) {
    return fail(Code::kBadSignature, "the rules were changed after they were signed: digest " +
                                         set.digest() + ", signed was " + said.digest);
  }
  if (said.before != before.signed_digest) {
    return fail(Code::kConflict,
                "the set was signed to follow " +
                    (said.before.empty() ? std::string("none") : said.before) +
                    ", and the last signed set here is " +
                    (before.signed_digest.empty() ? "none" : before.signed_digest));
  }
  return {};
}

}  // namespace

bool says_set(const SetStatement& said, const rules::RuleSet& set) {
  const rules::SetHeader* header = set.header();
  return header != nullptr && said.name == header->name && said.owner == header->owner &&
         said.version == header->version && said.digest == set.digest();
}

bool is_in_force(const SetInForce& before, const rules::RuleSet& set) {
  const rules::SetHeader* header = set.header();
  const bool same_name = header != nullptr
                             ? header->name == before.name && header->owner == before.owner &&
                                   header->version == before.version
                             : before.name.empty();
  return !before.digest.empty() && set.digest() == before.digest && same_name;
}

Status check_version(const SetInForce& before, const rules::RuleSet& set) {
  const rules::SetHeader* header = set.header();
  if (header == nullptr || header->version > before.version || is_in_force(before, set)) {
    return {};
  }
  return fail(Code::kConflict, header->at.file + ":" + std::to_string(header->at.line) + ": " +
                                   version_of(*header) + " does not rise above version " +
                                   std::to_string(before.version) +
                                   ", which was in force with other rules or " +
                                   "another name; expected a version from " +
                                   std::to_string(before.version + 1) + " on");
}

Status check_signature(const SetInForce& before, const rules::RuleSet& set,
                       const SetStatement* statement, SignatureDemand demand) {
  const bool stays = is_in_force(before, set);
  if (stays && before.is_signed) {
    return {};
  }
  if (statement != nullptr) {
    return check_statement(before, set, *statement);
  }
  // What decided before there were signatures goes on deciding; nothing new takes its place.
  const bool is_needed =
      demand == SignatureDemand::kRequired
          ? !(set.digest() == before.digest && before.signed_digest.empty())
          : demand == SignatureDemand::kOnceSigned && !before.signed_digest.empty();
  return is_needed ? Status(fail(Code::kUnauthenticated,
                                 "the set of rules has no signature of an operator with the role "
                                 "admin"))
                   : Status();
}

SetInForce after_activation(const SetInForce& before, const rules::RuleSet& set, bool is_signed) {
  SetInForce out;
  const rules::SetHeader* header = set.header();
  out.digest = set.digest();
  out.name = header != nullptr ? header->name : "";
  out.owner = header != nullptr ? header->owner : "";
  out.version = std::max(before.version, header != nullptr ? header->version : 0);
  out.is_signed = is_signed;
  out.signed_digest = is_signed ? out.digest : before.signed_digest;
  return out;
}

}  // namespace pawl
