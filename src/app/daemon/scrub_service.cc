#include "app/daemon/scrub_service.h"

#include <algorithm>

#include "base/log.h"
#include "base/os/background_thread.h"
#include "operators/override/override_journal.h"

namespace pawl {
namespace {

constexpr std::size_t kSlice = 256 * 1024;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kRetryS = 60;  // after a file that could not be opened
constexpr std::string_view kFormat = "pawl.scrub/1";

json::Object damage_json(const ledger::Damage& damage) {
  return {{"file", damage.file},
          {"offset", damage.offset},
          {"index", damage.index},
          {"id", damage.id},
          {"what", damage.what}};
}

ledger::Damage read_damage(const json::Value& value) {
  const auto text = [&](std::string_view name) {
    return std::string(json::find_string(value, {name}).value_or(""));
  };
  const auto number = [&](std::string_view name) {
    const json::Value* found = json::find(value, {name});
    return found != nullptr && found->is_int64() ? static_cast<std::uint64_t>(found->get_int64())
                                                 : 0;
  };
  return {text("file"), number("offset"), number("index"), text("id"), text("what")};
}

}  // namespace

std::string_view ScrubService::result_name(Result result) {
  switch (result) {
    case Result::kGood:
      return "good";
    case Result::kBad:
      return "bad";
    case Result::kUnreadable:
      return "unreadable";
    case Result::kNone:
      break;
  }
  return "none";
}

ScrubService::ScrubService(Parts parts, ScrubSettings settings)
    : parts_(std::move(parts)), settings_(settings), began_us_(parts_.clock.wall().us) {
  recall();
}

ScrubService::~ScrubService() {
  {
    MutexLock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void ScrubService::start() {
  thread_ = std::thread([this] { run(); });
}

void ScrubService::run() {
  become_background_thread();
  while (true) {
    const std::chrono::microseconds wait = turn();
    MutexLock lock(mutex_);
    if (!closing_ && !asked_ && wait.count() > 0) {
      changed_.wait_for(mutex_, wait);
    }
    if (closing_) {
      return;
    }
  }
}

std::uint64_t ScrubService::ask() {
  MutexLock lock(mutex_);
  asked_ = true;
  changed_.notify_all();
  return state_.passes + 1;
}

std::chrono::microseconds ScrubService::turn() {
  const BootTime now = parts_.clock.boot();
  if (!begin_pass(now)) {
    const std::int64_t wait_us =
        settings_.mib_per_s == 0 ? settings_.pause_s * kSecondUs : next_pass_.us - now.us;
    return std::chrono::microseconds(std::max<std::int64_t>(wait_us, 1));
  }
  const pawl::Result<std::size_t> read = pass_->step(kSlice);
  {
    MutexLock lock(mutex_);
    state_.at = pass_->at();
  }
  if (!read || pass_->done()) {
    const Status outcome = read ? check_journal() : Status(fail(read.error()));
    end_pass(outcome);
    const bool retry = !outcome && outcome.error().code != Code::kBadSignature;
    next_pass_.us =
        now.us + (retry ? std::min(kRetryS, settings_.pause_s) : settings_.pause_s) * kSecondUs;
    return std::chrono::microseconds(1);
  }
  const std::int64_t rate = settings_.mib_per_s << 20;
  const bool fast = fast_ || rate == 0;
  return std::chrono::microseconds(fast ? 0 : static_cast<std::int64_t>(*read) * kSecondUs / rate);
}

// False: no pass is due.
bool ScrubService::begin_pass(BootTime now) {
  bool asked = false;
  {
    MutexLock lock(mutex_);
    std::swap(asked, asked_);
  }
  if (asked) {
    pass_.reset();  // what it read before somebody asked proves nothing about now
    fast_ = true;
  } else if (pass_ != nullptr) {
    return true;
  } else if (settings_.mib_per_s == 0 || now < next_pass_) {
    return false;
  }
  pass_ = parts_.ledger.scrub();
  MutexLock lock(mutex_);
  state_.end = pass_->end();
  state_.running = true;
  return true;
}

// Written in place by another thread: what reads as damaged three times is.
Status ScrubService::check_journal() {
  if (parts_.stopped_for_journal && parts_.stopped_for_journal()) {
    return {};
  }
  damaged_slot_.reset();
  std::optional<std::size_t> slot;
  for (int look = 0; look < 3; ++look) {
    const pawl::Result<std::string> bytes = read_file(parts_.files, parts_.journal);
    if (!bytes && bytes.error().code != Code::kNotFound) {
      return fail(bytes.error());
    }
    slot = bytes ? override_::OverrideJournal::damaged_slot(*bytes) : 0;
    if (!slot) {
      return {};
    }
  }
  damaged_slot_ = slot;
  return fail(Code::kBadSignature, "slot " + std::to_string(*slot) + " cannot be read");
}

void ScrubService::end_pass(const Status& outcome) {
  State before, after;
  {
    MutexLock lock(mutex_);
    if (asked_) {
      return;  // who asked during the last slice waits for the pass that begins now
    }
    before = state_;
    state_.running = false;
    state_.ended_us = parts_.clock.wall().us;
    ++state_.passes;
    state_.repaired += pass_->repaired();
    state_.at = pass_->at();
    if (outcome) {
      state_.result = Result::kGood;
      state_.damage.reset();
      state_.unreadable.clear();
    } else if (pass_->damage()) {
      state_.result = Result::kBad;
      state_.damage = pass_->damage();
    } else if (damaged_slot_) {
      state_.result = Result::kBad;
      state_.damage = ledger::Damage{"override.journal",
                                     *damaged_slot_ * override_::OverrideJournal::kSlotBytes,
                                     0,
                                     {},
                                     outcome.error().message};
    } else {
      // Nothing is proven: damage that was known stays known.
      state_.result = state_.damage ? Result::kBad : Result::kUnreadable;
      state_.unreadable = outcome.error().message;
    }
    after = state_;
  }
  if (pass_->snapshot_damaged() && parts_.renew_snapshot) {
    log(LogLevel::kWarn, "snapshot_damaged", {{"note", "it is written anew"}});
    parts_.renew_snapshot();
  }
  if (pass_->repaired() > 0) {
    log(LogLevel::kWarn, "derived_files_repaired", {{"count", std::to_string(pass_->repaired())}});
  }
  pass_.reset();
  fast_ = false;
  apply(before, after);
}

// The verdict takes effect: the ledger is held or released, people are told once.
void ScrubService::apply(const State& before, const State& after) {
  if (after.result == Result::kUnreadable || !after.unreadable.empty()) {
    log(LogLevel::kError, "scrub_cannot_read", {{"reason", after.unreadable}});
  }
  if (after.damage) {
    parts_.ledger.hold("damage was found in what is recorded: " + after.damage->text());
    if (!before.damage || before.damage->text() != after.damage->text()) {
      log(LogLevel::kError, "ledger_damaged",
          {{"file", after.damage->file},
           {"offset", std::to_string(after.damage->offset)},
           {"index", std::to_string(after.damage->index)},
           {"id", after.damage->id},
           {"what", after.damage->what},
           {"note", "new governed actions are refused until a pass finds all whole"}});
    }
  } else if (before.damage) {
    parts_.ledger.release();
    log(LogLevel::kInfo, "ledger_whole_again", {});
  }
  remember(after);
}

void ScrubService::remember(const State& state) {
  json::Object out{{"format", kFormat},
                   {"result", result_name(state.result)},
                   {"ended_us", state.ended_us},
                   {"entries", state.end.size}};
  if (state.damage) {
    out["damage"] = damage_json(*state.damage);
  }
  // Best effort: without it the next start learns it from its own first pass.
  (void)write_file(parts_.files, parts_.memory, json::print(out) + "\n");
}

void ScrubService::recall() {
  const pawl::Result<std::string> text = read_file(parts_.files, parts_.memory);
  const pawl::Result<json::Parsed> parsed =
      text ? json::parse(*text) : pawl::Result<json::Parsed>(fail(text.error()));
  if (!parsed || json::find_string(parsed->value, {"format"}) != kFormat) {
    return;
  }
  const json::Value* damage = json::find(parsed->value, {"damage"});
  const json::Value* ended = json::find(parsed->value, {"ended_us"});
  MutexLock lock(mutex_);
  state_.ended_us = ended != nullptr && ended->is_int64() ? ended->get_int64() : 0;
  state_.result =
      json::find_string(parsed->value, {"result"}) == "good" ? Result::kGood : Result::kNone;
  if (damage != nullptr) {
    state_.result = Result::kBad;
    state_.damage = read_damage(*damage);
    parts_.ledger.hold("damage was found in what is recorded: " + state_.damage->text());
  }
}

// ---- what people see ----

std::int64_t ScrubService::age_s(const State& state) const {
  const std::int64_t since = state.ended_us > 0 ? state.ended_us : began_us_;
  return std::max<std::int64_t>(0, (parts_.clock.wall().us - since) / kSecondUs);
}

json::Object ScrubService::status() const {
  State state;
  {
    MutexLock lock(mutex_);
    state = state_;
  }
  json::Object out{{"result", result_name(state.result)},
                   {"age_s", age_s(state)},
                   {"passes", state.passes},
                   {"running", state.running},
                   {"mib_per_s", settings_.mib_per_s},
                   {"repaired", state.repaired}};
  out["position"] = json::Object{{"segment", state.at.segment},
                                 {"offset", state.at.offset},
                                 {"entry", state.at.size},
                                 {"of", state.end.size}};
  if (state.damage) {
    out["damage"] = damage_json(*state.damage);
  }
  if (!state.unreadable.empty()) {
    out["unreadable"] = state.unreadable;
  }
  return out;
}

void ScrubService::gauges(const Gauge& set) const {
  State state;
  {
    MutexLock lock(mutex_);
    state = state_;
  }
  set("scrub_age_seconds", static_cast<double>(age_s(state)));
  set("scrub_damaged", state.damage ? 1 : 0);
  set("scrub_unreadable", state.unreadable.empty() ? 0 : 1);
  set("scrub_passes", static_cast<double>(state.passes));
  set("scrub_entry", static_cast<double>(state.at.size));
  set("scrub_repaired", static_cast<double>(state.repaired));
}

}  // namespace pawl
