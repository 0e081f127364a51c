// Memory from the heap, and objects on it.
#ifndef __AVR__
#include <avr/dtostrf.h>
#endif
struct Node {
  int value;
  Node *next;
};

void setup() {
  Serial.begin(115200);
  Node *list = nullptr;
  for (int i = 0; i < 10; i++) list = new Node{i * i, list};
  long sum = 0;
  while (list) {
    Node *next = list->next;
    sum += list->value;
    delete list;
    list = next;
  }
  Serial.println(sum);
  char *block = (char *)malloc(100);
  memset(block, 'x', 99);
  block[99] = 0;
  Serial.println(strlen(block));
  block = (char *)realloc(block, 200);
  Serial.println(block[98]);
  free(block);
  int *zeros = (int *)calloc(20, sizeof(int));
  Serial.println(zeros[0] + zeros[19]);
  free(zeros);
  char text[24], number[12];
  sprintf(text, "%03d|%-5s|%x|%c", 7, "ab", 255, '!');
  Serial.println(text);
  dtostrf(3.14159, 8, 3, number);
  Serial.println(number);
  itoa(-255, number, 10);
  Serial.println(number);
  ultoa(255, number, 16);
  Serial.println(number);
  Serial.println(atoi("12x") + atol("30") + (int)strtol("0x1F", nullptr, 16));
}

void loop() {}
