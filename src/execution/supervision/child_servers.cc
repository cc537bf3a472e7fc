#include "execution/supervision/child_servers.h"

#include <utility>

namespace pawl {

namespace {

// Between the end of a child's output and the end of the child; a live one closed only its output.
constexpr std::chrono::milliseconds kExitPatience{500};

class ChildTransport final : public mcp::LineTransport {
 public:
  ChildTransport(EventLoop& loop, std::unique_ptr<ChildProcess> child)
      : loop_(loop), child_(std::move(child)) {}
  LineChannel& channel() override { return child_->channel(); }
  void stop() override { child_->stop(); }

  // How the process ended says more than that its output did.
  void explain_end(const Error& why, std::function<void(std::string)> told) override {
    if (why.code != Code::kCancelled && why.code != Code::kIo) {
      told(why.message);
      return;
    }
    const auto once = std::make_shared<std::function<void(std::string)>>(std::move(told));
    const auto tell = [once](const std::string& reason) {
      if (const auto teller = std::exchange(*once, nullptr)) {
        teller(reason);
      }
    };
    patience_ = loop_.after(kExitPatience, [tell, message = why.message] { tell(message); });
    child_->on_exit([tell](const ChildExit& exit) { tell(exit.text()); });
  }

 private:
  EventLoop& loop_;
  const std::unique_ptr<ChildProcess> child_;
  Timer patience_;
};

}  // namespace

ChildServers::ChildServers(EventLoop& loop, std::shared_ptr<OrphanGuard> guard,
                           std::string data_directory, Files& files)
    : loop_(loop),
      guard_(std::move(guard)),
      data_directory_(std::move(data_directory)),
      files_(files) {}

mcp::OpenTransport ChildServers::transport(const mcp::ServerConfig& config, const std::string& key,
                                           ChildOptions limits, NewWatch new_watch) {
  const std::string parent = data_directory_ + "/servers";
  const std::string folder = parent + "/" + config.name;
  std::shared_ptr<StderrFile>& notes = stderr_files_[config.name];
  if (notes == nullptr) {
    notes = std::make_shared<StderrFile>(files_, folder + "/stderr.log");
  }
  ChildOptions options = std::move(limits);
  options.name = config.name + " (" + key + ")";
  options.command = config.command;
  options.env = config.env;
  options.directory = config.cwd.empty() ? folder : config.cwd;
  options.stderr_file = notes;
  return [this_loop = &loop_, guard = guard_, files = &files_, parent, folder, options,
          new_watch = std::move(new_watch)]() -> Result<std::unique_ptr<mcp::LineTransport>> {
    for (const std::string& path : {parent, folder}) {
      if (Status made = files->make_directory(path); !made) {
        return fail(made.error());
      }
    }
    ChildOptions one = options;
    one.watch = new_watch ? new_watch() : nullptr;
    Result<std::unique_ptr<ChildProcess>> child = ChildProcess::start(*this_loop, guard, one);
    if (!child) {
      return fail(child.error());
    }
    return std::make_unique<ChildTransport>(*this_loop, std::move(*child));
  };
}

}  // namespace pawl
