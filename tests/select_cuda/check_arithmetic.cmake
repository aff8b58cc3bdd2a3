# Needs nvcc, no GPU: fails if the scorer's device code has a fused multiply-add, a division that is
# not rounded, or numbers flushed to zero, which would change its integers, or a trap, which nvcc
# leaves where it cannot compile a constexpr function for a device.
execute_process(COMMAND ${NVCC} -std=c++20 --expt-relaxed-constexpr --fmad=false -arch=sm_90
    -I${SOURCE_DIR} -ptx ${SOURCE_DIR}/select/boxmask_cuda.cu -o ${WORK_DIR}/boxmask_cuda.ptx
  COMMAND_ERROR_IS_FATAL ANY)
file(READ ${WORK_DIR}/boxmask_cuda.ptx code)
if(NOT code MATCHES "mul\\.rn\\.f32")
  message(FATAL_ERROR "no products rounded on their own: is this the scorer's code?")
endif()
foreach(instruction "fma\\.rn" "div\\.(approx|full)" "\\.ftz" "trap;")
  if(code MATCHES "${instruction}")
    message(FATAL_ERROR "the CUDA scorer contains ${CMAKE_MATCH_0}")
  endif()
endforeach()
