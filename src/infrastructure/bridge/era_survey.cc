#include "infrastructure/bridge/era_survey.h"

#include <utility>

#include "infrastructure/bridge/core.h"

namespace pawl::bridge {

struct EraSurvey::Question {
  std::unique_ptr<mcp::Upstream> upstream;
  std::unique_ptr<ScheduledTask> patience;
  std::vector<std::function<void()>> waiting;
};

EraSurvey::EraSurvey() = default;
EraSurvey::~EraSurvey() = default;

void EraSurvey::learn(const std::shared_ptr<Core>& core, const std::vector<std::string>& servers,
                      mcp::Era era, std::function<void()> done) {
  const auto open = std::make_shared<std::size_t>(1);  // one for the loop below
  const auto one_less = [open, done = std::move(done)] {
    if (--*open == 0) {
      done();
    }
  };
  for (const std::string& server : servers) {
    if (!core->revisions.knows(server, era)) {
      ++*open;
      ask(core, {server, era}, one_less);
    }
  }
  one_less();
}

void EraSurvey::ask(const std::shared_ptr<Core>& core, const Key& key,
                    std::function<void()> heard) {
  std::unique_ptr<Question>& question = open_[key];
  if (question != nullptr) {
    question->waiting.push_back(std::move(heard));
    return;
  }
  question = std::make_unique<Question>();
  question->waiting.push_back(std::move(heard));
  question->upstream = core->parts.servers.spare(key.first);
  const std::weak_ptr<Core> weak = core;
  const auto end = [weak, key](const Result<mcp::UpstreamHello>& hello) {
    if (const std::shared_ptr<Core> shared = weak.lock()) {
      shared->survey.answered(*shared, key, hello ? &*hello : nullptr);
    }
  };
  question->patience = core->parts.scheduler.after(
      question->upstream == nullptr ? std::chrono::seconds(0) : kPatience,
      [end] { end(fail(Code::kUpstreamUnavailable, "no answer in time")); });
  if (question->upstream != nullptr) {
    question->upstream->start({key.second}, end);
  }
}

void EraSurvey::answered(Core& core, const Key& key, const mcp::UpstreamHello* hello) {
  const auto found = open_.find(key);
  if (found == open_.end()) {
    return;
  }
  const std::unique_ptr<Question> question = std::move(found->second);
  open_.erase(found);
  if (hello != nullptr) {
    core.revisions.note(key.first, key.second, *hello);
  } else {
    core.revisions.note_silence(key.first, key.second);
  }
  if (question->upstream != nullptr) {
    question->upstream->close();
  }
  for (const auto& heard : question->waiting) {
    heard();
  }
}

}  // namespace pawl::bridge
