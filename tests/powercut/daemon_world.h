// Worlds of the daemon's heart: scripts for Life, over an empty disk or one with a long log.
#pragma once

#include "tests/powercut/life.h"
#include "tests/powercut/world.h"

namespace pawl::powercut {

// A disk with what a long run left there, made once.
struct Image {
  std::unique_ptr<FaultFiles> files;
  Promises promises;
  std::size_t segment_bytes = 16u << 20;  // so that the next few batches fill the segment
  std::uint64_t entries = 0;
};
// 250 records, so that a tile is completed soon, and a segment that is nearly full.
const Image& grown_image();

// Empty, or which promise is broken.
std::string check_daemon(FaultFiles& files, const Promises& promises, Life::Options options,
                         std::uint64_t known_entries, bool thorough);

class DaemonWorld : public World {
 public:
  struct Script {
    bool grown = false;         // on the image, else on an empty disk
    bool written_ahead = true;  // false: the zeros ahead are used up
    bool full_disk = false;
    std::vector<Step> steps{};
    bool renews = false;  // Life::Options
  };
  explicit DaemonWorld(Script script) : script_(std::move(script)) {}

  std::unique_ptr<FaultFiles> begin(Promises& promises) const override;
  std::string live(FaultFiles& files, Promises& promises, std::uint64_t life,
                   bool finish) const override;
  std::string check(FaultFiles& files, Promises promises, std::uint64_t life,
                    bool thorough) const override;

 private:
  Life::Options options(std::uint64_t life) const;

  Script script_;
};

DaemonWorld::Script random_script(std::uint64_t seed);

}  // namespace pawl::powercut
