// A main() of its own replaces the core's; the run still ends.
int main() {
  while (true) {
  }
}
void setup() {}
void loop() {}
