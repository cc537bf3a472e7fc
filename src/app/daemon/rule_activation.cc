#include "app/daemon/rule_activation.h"

#include <utility>

#include "app/daemon/rule_files.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr std::string_view kHeaderHint =
    "give one of the rule files a header, for example "
    "\"set: { name: main, owner: ops@example.org, version: 1 }\", then run pawl rules sign";

}  // namespace

Result<VerifiedSet> RuleActivation::verified(const std::string& token) const {
  Result<VerifiedSet> said = verify_set(token, parts_.operators(), parts_.instance, parts_.now());
  const Status counts = said ? parts_.counts(said->kid) : Status{};
  return counts ? said : fail(counts.error());
}

// What is to be done stands behind why.
Error RuleActivation::with_advice(const Error& why, const rules::RuleSet& set) const {
  Error out = why;
  if (set.header() == nullptr) {
    out.message += "; " + std::string(kHeaderHint);
  } else if (why.code != Code::kConflict || why.message.find("version") == std::string::npos) {
    out.message +=
        "; an operator with the role admin runs pawl rules sign --config " + parts_.config.file;
  } else {
    out.message += "; raise it, then run pawl rules sign --config " + parts_.config.file;
  }
  return out;
}

Result<Activated> RuleActivation::judged(const SetInForce& before, KeptRules proposed) const {
  Result<std::shared_ptr<const rules::RuleSet>> set = rules::RuleSet::load(proposed.sources);
  if (!set) {
    return fail(set.error());
  }
  const SignatureDemand demand = parts_.config.rule_signatures;
  const Result<VerifiedSet> said = proposed.signature.empty()
                                       ? Result<VerifiedSet>(fail(Code::kNotFound, ""))
                                       : verified(proposed.signature);
  const bool stays = is_in_force(before, **set);
  const bool counts = said && (!stays || says_set(said->statement, **set));
  const SetStatement* statement = counts ? &said->statement : nullptr;
  if (statement != nullptr && !check_signature(before, **set, statement, demand) &&
      check_signature(before, **set, nullptr, demand)) {
    statement = nullptr;  // none is needed, so one that does not fit is none
  }
  if (const Status rises = check_version(before, **set);
      !rises && plugged(ControlId::kSetVersion)) {
    return fail(with_advice(rises.error(), **set));
  }
  if (const Status good = check_signature(before, **set, statement, demand);
      !good && plugged(ControlId::kSetSignature)) {
    // A signature that does not count says more than that there is none.
    const bool has_bad = statement == nullptr && !proposed.signature.empty();
    return fail(with_advice(has_bad && !said ? said.error() : good.error(), **set));
  }
  const bool is_signed = statement != nullptr || (stays && before.is_signed);
  if (statement != nullptr) {
    if (Status kept = save_kept_rules(parts_.files, parts_.folder.rules_in_force(), proposed);
        !kept) {
      return fail_at("the set cannot be kept, so a restart could not go on with it", kept.error());
    }
  }
  return Activated{*set, after_activation(before, **set, is_signed),
                   statement != nullptr ? std::optional(*said) : std::nullopt, "",
                   std::move(proposed.sources)};
}

Result<Activated> RuleActivation::of_files(const SetInForce& before) const {
  Result<std::vector<rules::Source>> sources = read_rule_files(parts_.files, parts_.config.rules);
  if (!sources) {
    return fail(sources.error());
  }
  const Result<std::shared_ptr<const rules::RuleSet>> set = rules::RuleSet::load(*sources);
  if (!set) {
    return fail(set.error());
  }
  Result<std::optional<std::string>> signature =
      (*set)->header() != nullptr ? read_signature(parts_.files, *(*set)->header())
                                  : Result<std::optional<std::string>>(std::nullopt);
  if (!signature) {
    return fail(signature.error());
  }
  return judged(before, {signature->value_or(""), *std::move(sources)});
}

Result<Activated> RuleActivation::at_reload(const SetInForce& before) const {
  return of_files(before);
}

Result<Activated> RuleActivation::at_start(const SetInForce& before) const {
  Result<Activated> now = of_files(before);
  const bool may_go_on =
      !now && before.is_signed &&
      (now.error().code != Code::kMalformed && now.error().code != Code::kUnsupported &&
       now.error().code != Code::kNotFound && now.error().code != Code::kIo);
  if (!may_go_on) {
    return now;
  }
  const Error why = now.error();
  Result<std::optional<KeptRules>> kept =
      read_kept_rules(parts_.files, parts_.folder.rules_in_force());
  if (!kept || !*kept) {
    return fail(why.code,
                why.message + " (and the signed set of before cannot be read: " +
                    (kept ? parts_.folder.rules_in_force() + " is missing" : kept.error().message) +
                    ")");
  }
  Result<Activated> old = judged(before, **std::move(kept));
  if (!old) {
    return fail(why.code, why.message + " (and the signed set of before does not count: " +
                              old.error().message + ")");
  }
  old->held_back = why.message;
  return old;
}

}  // namespace pawl
