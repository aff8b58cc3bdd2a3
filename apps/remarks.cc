#include "apps/remarks.h"

#include <algorithm>
#include <array>
#include <utility>

namespace labelloom::apps {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 44> kExplanations = {{
    {"area-computed", "annotations without an area; computed from their rings, mask or box"},
    {"bbox-computed", "annotations without a box; computed from their rings, mask or key points"},
    {"num-keypoints-wrong", "annotations whose num_keypoints was wrong; counted anew"},
    {"iscrowd-missing", "annotations that do not say iscrowd; taken as 0"},
    {"num-keypoints-missing", "annotations that do not say num_keypoints; counted"},
    {"images-merged", "images that several inputs have; their instances are on one entry"},
    {"keypoints-adopted", "categories whose key point names came from another input"},
    {"root-member-dropped",
     "members such as info and licenses of later inputs; the first's are kept"},
    {"supercategory-differs", "categories with another supercategory; the first's is kept"},
    {"bad-region", "regions left out because they are wrong (--skip-bad)"},
    {"skipped-bad-record", "records left out because they are wrong (--skip-bad)"},
    {"no-area", "annotations whose polygon or mask covers nothing; not measured"},
    {"depth-missing", "pictures without a depth image that can be read (--skip-bad)"},
    {"depth-unreadable", "pictures whose depth image is damaged or none (--skip-bad)"},
    {"depth-size", "pictures whose depth image is of another size (--skip-bad)"},
    {"clipped-to-image", "regions that left the image; cut at its frame"},
    {"outside-image", "regions that lie outside the image altogether; left out"},
    {"empty-region", "regions without any area; left out"},
    {"unfinished-polygon", "polygons that were never closed or have fewer than 3 points; left out"},
    {"keypoint-outside-image", "key points outside the image; left out"},
    {"keypoint-without-position", "key points without x and y; left out"},
    {"unlabelled-region", "regions without a label; kept as category \"unlabelled\""},
    {"several-labels",
     "regions with several labels; the first became the category, all are kept "
     "in the member \"labels\""},
    {"keypoint-says-more",
     "key points with several labels, texts or choices; COCO has a place for the first label only"},
    {"vector-region", "vector regions; left out, COCO has no paths"},
    {"video-region", "video regions; left out"},
    {"text-region", "text or audio regions; left out"},
    {"text-or-choice", "texts or choices that belong to no region; left out"},
    {"no-geometry", "results without geometry; left out"},
    {"no-single-image",
     "regions of tasks that do not show one single image; left out (with two <Image> tags, "
     "--config "
     "and --image-key say which)"},
    {"of-another-image", "regions drawn on another of the config's images (--image-key); left out"},
    {"several-image-members", "tasks whose data have several members that look like the image"},
    {"task-with-several-images",
     "tasks that show several images: the export does not say which "
     "region lies on which; left out"},
    {"task-without-image", "tasks whose data names no image (--image-key names the member)"},
    {"task-without-annotation", "tasks that nobody has annotated; left out"},
    {"image-without-size",
     "annotated images without regions whose size the export does not say; "
     "left out (--images finds it)"},
    {"image-not-found", "images that are not in the folder; size and name are the export's"},
    {"image-unreadable", "images in the folder that cannot be read; size is the export's"},
    {"image-ambiguous", "image names that fit several files; size and name are the export's"},
    {"size-differs", "images whose regions were drawn at another size; coordinates were scaled"},
    {"image-in-several-tasks", "images that several tasks show; their regions are on one entry"},
    {"name-clash", "image names that several folders, servers or tasks share; told apart by these"},
    {"mapped-label-unused", "labels of --keypoint-labels that no key point has"},
    {"label-not-in-config", "labels that the config does not have; added as categories"},
}};

}  // namespace

std::string_view explanation(std::string_view kind) {
  const auto found =
      std::ranges::find(kExplanations, kind, &std::pair<std::string_view, std::string_view>::first);
  return found == kExplanations.end() ? std::string_view{} : found->second;
}

}  // namespace labelloom::apps
