#include "app/daemon/open_log.h"

#include <algorithm>

#include "foundation/crypto/sha256.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/minimum.h"
#include "foundation/ledger/pruned_record.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr std::int64_t kDayS = 86'400;

std::string digest_of(std::string_view text) {
  return digest_text(sha256(text));
}

Result<jose::Jws> first_record(const ledger::Ledger& ledger) {
  const Result<std::string> token = ledger.entry(0);
  return token ? jose::decode(*token, token->size() + 1) : fail(token.error());
}

Status check_minimum(Files& files, const std::string& folder, const ledger::Ledger& ledger) {
  const Result<std::optional<ledger::Pruned>> pruned = ledger::read_pruned(files, folder);
  if (!pruned || !*pruned) {
    return pruned ? Status{} : Status(fail(pruned.error()));
  }
  const Result<std::string> token = ledger.entry((*pruned)->minimum.record_index);
  const Result<ledger::PrunedRecord> said =
      token ? ledger::check_pruned(*token, **pruned) : fail(token.error());
  return said ? Status{} : Status(fail(said.error()));
}

}  // namespace

Status OpenLog::open(Decisions& decisions, ledger::Recovery& recovery) {
  const std::string folder = parts_.folder.ledger();
  if (Status settled = ledger::settle_renewal(parts_.files, parts_.folder.root); !settled) {
    return settled;
  }
  Result<std::optional<ledger::Opened>> opened = ledger::read_opened(parts_.files, folder);
  if (!opened) {
    return fail(opened.error());
  }
  opened_ = *std::move(opened);
  const Config& config = parts_.config;
  ledger::Options options = parts_.options;
  options.origin = ledger::log_origin(config.domain + "/pawl/" + config.node, number());
  options.reserve_bytes = plugged(ControlId::kDiskReserve)
                              ? static_cast<std::uint64_t>(config.limits.reserve_mib) << 20
                              : 0;
  if (config.limits.segment_mib > 0) {
    options.segment_bytes = static_cast<std::size_t>(config.limits.segment_mib) << 20;
  }
  options.head_file = plugged(ControlId::kHeadFile) ? config.head_file : "";
  if (opened_) {
    Result<Decisions> before = Decisions::read(opened_->decisions);
    if (!before) {
      return fail_at("opened.json", before.error());
    }
    decisions = *std::move(before);
    options.origin_before = opened_->origin_before;
    options.size_before = opened_->size_before;
  }
  const auto load_state = [&decisions](std::string_view state) {
    Result<Decisions> read = Decisions::read(state);
    if (!read) {
      return false;
    }
    decisions = *std::move(read);
    return true;
  };
  const auto apply = [&decisions](std::uint64_t index, std::string_view token) {
    decisions.apply(index, token);
  };
  recovery = {};
  Result<std::unique_ptr<ledger::Ledger>> ledger = ledger::Ledger::open(
      parts_.files, folder, parts_.keys.log_key(), parts_.clock,
      [&scheduler = parts_.scheduler](std::function<void()> task) {
        scheduler.post(std::move(task));
      },
      options, Decisions::kFoldVersion, load_state, apply, recovery);
  if (!ledger) {
    return fail(ledger.error());
  }
  ledger_ = *std::move(ledger);
  if (Status fits = check_beginning(parts_.files, folder, *ledger_, opened_); !fits) {
    return fits;
  }
  found_open_ = recovery.open_intents;
  for (ledger::Intent& intent : owed()) {
    recovery.open_intents.push_back(std::move(intent));
  }
  note_age();
  scrub_ = std::make_unique<ScrubService>(
      ScrubService::Parts{parts_.files, parts_.clock, *ledger_, parts_.folder.journal(),
                          parts_.folder.scrub(), parts_.renew_snapshot, parts_.stopped_for_journal},
      ScrubSettings{config.limits.scrub_mib_per_s, config.limits.scrub_pause_s});
  return {};
}

Status check_beginning(Files& files, const std::string& folder, const ledger::Ledger& ledger,
                       const std::optional<ledger::Opened>& opened) {
  if (ledger.size() == 0) {
    return {};
  }
  if (Status pruned = check_minimum(files, folder, ledger); !pruned) {
    return pruned;
  }
  const Result<jose::Jws> first = first_record(ledger);
  if (!first) {
    return fail_at("the first record", first.error());
  }
  const std::string member = std::string(names::kExtPrefix) + "ledger";
  const auto named =
      text_in_extension(first->typ, first->payload, {member, "after", "decisions_hash"});
  if (opened ? named == digest_of(opened->decisions) : !named) {
    return {};
  }
  return fail(Code::kBadSignature,
              folder + "/opened.json: is not what the first record of this log names");
}

void OpenLog::note_age() {
  began_s_ = parts_.clock.wall().us / 1'000'000;
  const Result<jose::Jws> first = ledger_->size() > 0
                                      ? first_record(*ledger_)
                                      : Result<jose::Jws>(fail(Code::kNotFound, "empty"));
  if (!first) {
    return;
  }
  const json::Value* iat = json::find(first->payload, {names::kClaimIat});
  began_s_ = iat != nullptr && iat->is_int64() ? iat->get_int64() : began_s_;
}

void OpenLog::start_scrub() {
  if (parts_.options.threads) {
    scrub_->start();
  }
}

json::Object OpenLog::opened_body() const {
  json::Object body{{"log_key", parts_.keys.log_key().public_key().thumbprint()},
                    {"token_key", parts_.keys.instance_kid()},
                    {"format", 1}};
  if (opened_) {
    body["number"] = opened_->number;
    body["after"] = json::Object{{"origin", opened_->origin_before},
                                 {"size", opened_->size_before},
                                 {"kept", opened_->kept_before},
                                 {"checkpoint", opened_->checkpoint_before},
                                 {"hash", digest_of(opened_->checkpoint_before)},
                                 {"decisions_hash", digest_of(opened_->decisions)}};
  }
  return body;
}

// After a crash some may be here already; the first record comes after all of them.
std::vector<ledger::Intent> OpenLog::owed() const {
  std::vector<ledger::Intent> out;
  if (!opened_ || ledger_->size() > 0) {
    return out;
  }
  for (const ledger::Intent& intent : opened_->open_intents) {
    const bool here = std::any_of(found_open_.begin(), found_open_.end(),
                                  [&](const ledger::Intent& open) { return open.id == intent.id; });
    if (!here) {
      out.push_back(intent);
    }
  }
  return out;
}

bool OpenLog::is_full() const {
  if (!plugged(ControlId::kLogLimits)) {
    return false;
  }
  const LimitsConfig& limits = parts_.config.limits;
  const std::uint64_t most = static_cast<std::uint64_t>(limits.log_max_mib) << 20;
  const std::int64_t age_s = parts_.clock.wall().us / 1'000'000 - began_s_;
  return (most > 0 && ledger_->stats().log_bytes >= most) ||
         (limits.log_max_days > 0 && age_s >= limits.log_max_days * kDayS);
}

Status OpenLog::prepare_next(const Decisions& decisions) {
  const ledger::Checkpoint head = ledger_->latest();
  const std::string origin =
      ledger::log_origin(parts_.config.domain + "/pawl/" + parts_.config.node, number());
  return ledger::prepare_renewal(parts_.files, parts_.folder.root,
                                 {number() + 1, origin, head.size, head.size, head.note,
                                  decisions.print(), ledger_->open_intents()});
}

Status OpenLog::go_on(Decisions& decisions) {
  scrub_.reset();
  ledger_.reset();  // publishes its last checkpoint
  if (Status switched = ledger::switch_logs(parts_.files, parts_.folder.root, number());
      !switched) {
    return switched;
  }
  ledger::Recovery recovery;
  return open(decisions, recovery);
}

}  // namespace pawl
