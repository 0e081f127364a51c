// A button to ground with the pull-up, a switch that drives its pin, and a light that follows.
const int BUTTON = 2, SWITCH = 4, LIGHT = 5;
int last = -1;

void setup() {
  Serial.begin(115200);
  pinMode(BUTTON, INPUT_PULLUP);
  pinMode(SWITCH, INPUT);
  pinMode(LIGHT, OUTPUT);
}

void loop() {
  int state = (digitalRead(BUTTON) == LOW ? 1 : 0) + (digitalRead(SWITCH) == HIGH ? 2 : 0);
  if (state != last) {
    Serial.println(state);
    digitalWrite(LIGHT, state & 1 ? HIGH : LOW);
    last = state;
  }
  delay(5);
}
