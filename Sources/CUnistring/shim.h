#include <stdlib.h>
#include <uninorm.h>
#include <unicase.h>
