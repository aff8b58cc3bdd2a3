// Changes a picture by transforms with fixed settings, for compare_colours.py:
//   change_colours IN.png OUT_FOLDER < "0 Posterize num_bits 4 4" ...
// Each line: a number that names the output, the transform, and settings of one or two numbers or a
// text, divided by commas.

#include <iostream>
#include <sstream>
#include <string>

#include <opencv2/imgcodecs.hpp>

#include "tests/augment/one_transform.h"

namespace {

labelloom::augment::Setting read_setting(std::istream& words) {
  std::vector<double> numbers;
  std::string word;
  while (words >> word) {
    if (word == "true" || word == "false") return {word == "true"};
    if (word.find_first_not_of("-0123456789.e") != std::string::npos) return {word};
    numbers.push_back(std::stod(word));
  }
  if (numbers.size() == 1) return {numbers.front()};
  return labelloom::augment::numbers(numbers);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const cv::Mat picture = cv::imread(argv[1], cv::IMREAD_COLOR);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream parts(line);
    std::string part;
    std::getline(parts, part, ',');
    std::istringstream head(part);
    std::string number;
    std::string name;
    head >> number >> name;
    labelloom::augment::Setting::Members members;
    while (std::getline(parts, part, ',')) {
      std::istringstream words(part);
      std::string key;
      words >> key;
      members.emplace_back(key, read_setting(words));
    }
    const cv::Mat out = labelloom::augment::changed(picture, name, members);
    cv::imwrite(std::string(argv[2]) + "/" + number + ".png", out);
  }
  return 0;
}
