#include "app/daemon/process_records.h"

#include <utility>

#include "app/config/effective_config.h"
#include "base/log.h"
#include "foundation/records/kinds.h"
#include "path/plugged.h"

namespace pawl {
namespace {

class OurChild final : public ChildWatch {
 public:
  OurChild(std::weak_ptr<ProcessRecords> records, ProcessRecords::Start start)
      : records_(std::move(records)), start_(std::move(start)) {}

  void starting(std::function<void(Status)> go) override {
    if (const auto records = records_.lock()) {
      id_ = records->starting(start_, std::move(go));
    } else {
      go(fail(Code::kEvidenceUnavailable, "the gateway ends"));
    }
  }
  void ended(const ChildExit& exit) override {
    if (const auto records = records_.lock()) {
      records->ended(id_, process_end(exit));
    }
  }

 private:
  const std::weak_ptr<ProcessRecords> records_;
  const ProcessRecords::Start start_;
  Uuid id_;
};

void put_names(RecordDraft& draft, const ProcessRecords::Start& start) {
  draft.put_name("server", start.server);
  if (!start.agent.empty()) {
    draft.put_name("agent", start.agent);
  }
}

}  // namespace

CommandFacts command_facts(const std::vector<std::string>& words) {
  return {words.empty() ? std::string() : words.front(), words.empty() ? 0 : words.size() - 1,
          argv_hash(words)};
}

ProcessEnd process_end(const ChildExit& exit) {
  if (!exit.problem.empty()) {
    return {"not_run", "", 0, exit.problem};
  }
  const std::string_view why = exit.was_killed ? "killed" : exit.was_asked ? "asked" : "itself";
  return exit.signal != 0 ? ProcessEnd{"signaled", why, exit.signal, ""}
                          : ProcessEnd{"exited", why, exit.status, ""};
}

Uuid ProcessRecords::starting(const Start& start, std::function<void(Status)> recorded) {
  RecordDraft draft;
  const Uuid id = draft.id = recorder_.new_id();
  draft.kind = kinds::kProcessStarted;
  put_names(draft, start);
  draft.put_name("program", start.command.program);
  draft.body.number("arguments", static_cast<std::int64_t>(start.command.arguments));
  draft.body.text("argv_hash", start.command.hash);
  draft.body.number("start", static_cast<std::int64_t>(++starts_[start.server]));
  running_[id] = {start, false, std::nullopt};
  const auto answered = [weak = weak_from_this(), id,
                         recorded = std::move(recorded)](const Result<RecordRef>& record) {
    const Status durable = record ? Status{} : Status(fail(record.error()));
    if (const auto self = weak.lock()) {
      self->started(id, durable);
    }
    recorded(durable);
  };
  if (plugged(ControlId::kProcessRecorded)) {
    recorder_.record(std::move(draft), answered);
  } else {
    answered(RecordRef{});
  }
  return id;
}

void ProcessRecords::started(const Uuid& id, const Status& durable) {
  const auto found = running_.find(id);
  if (found == running_.end()) {
    return;
  }
  found->second.is_durable = durable.has_value();
  if (!durable) {
    log(LogLevel::kError, "process_not_started",
        {{"server", found->second.start.server}, {"reason", durable.error().message}});
    running_.erase(found);
  } else if (found->second.end) {
    ended(id, *std::exchange(found->second.end, std::nullopt));
    return;
  }
  if (running_.empty() && when_none_) {
    std::exchange(when_none_, nullptr)();
  }
}

void ProcessRecords::ended(const Uuid& id, const ProcessEnd& end) {
  const auto found = running_.find(id);
  if (found == running_.end()) {
    return;
  }
  if (!found->second.is_durable) {
    found->second.end = end;
    return;
  }
  const Start start = std::move(found->second.start);
  running_.erase(found);
  if (!is_closed_) {
    record_end(id, start, end);
  }
  if (running_.empty() && when_none_) {
    std::exchange(when_none_, nullptr)();
  }
}

void ProcessRecords::record_end(const Uuid& id, const Start& start, const ProcessEnd& end) {
  RecordDraft draft;
  draft.id = recorder_.new_id();
  draft.kind = kinds::kProcessExited;
  draft.causes = {{id, Basis::kDeclared}};
  put_names(draft, start);
  draft.body.text("end", end.end);
  if (end.end == "exited") {
    draft.body.number("status", end.number);
  } else if (end.end == "signaled") {
    draft.body.number("signal", end.number);
  }
  if (!end.why.empty()) {
    draft.body.text("why", end.why);
  }
  if (!end.detail.empty()) {
    draft.put_name("detail", end.detail);
  }
  recorder_.record(std::move(draft), [](const Result<RecordRef>& record) {
    if (!record) {
      log(LogLevel::kError, "process_end_not_recorded", {{"reason", record.error().message}});
    }
  });
}

std::shared_ptr<ChildWatch> ProcessRecords::watch(const std::string& server,
                                                  const std::vector<std::string>& command) {
  return std::make_shared<OurChild>(weak_from_this(), Start{server, "", command_facts(command)});
}

std::shared_ptr<void> ProcessRecords::held(const Uuid& id) {
  // It points to nothing: what counts is that it goes.
  return std::shared_ptr<void>(nullptr, [weak = weak_from_this(), id](void*) {
    if (const auto self = weak.lock()) {
      self->ended(id, {"unknown", "shim_left", 0, ""});
    }
  });
}

void ProcessRecords::when_none(std::function<void()> then) {
  if (running_.empty()) {
    then();
  } else {
    when_none_ = std::move(then);
  }
}

}  // namespace pawl
